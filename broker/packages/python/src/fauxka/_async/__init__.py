"""The cluster for asyncio."""
