"""The cluster for asyncio."""
# Made by `generate` from _async/__init__.py: do not edit.
