"""Finds the program: FAUXKA_BINARY, or the one in this package, or the one on the PATH."""
from __future__ import annotations

import os
import pathlib
import platform
import shutil
from typing import Optional

from ._errors import BinaryNotFound

VARIABLE = "FAUXKA_BINARY"
NAME = "fauxka.exe" if os.name == "nt" else "fauxka"
# What the installed command is, wherever pip or uv put it.
OWN_COMMAND = b"fauxka._command"


def packaged() -> pathlib.Path:
    return pathlib.Path(__file__).resolve().parent / "bin" / NAME


def find() -> str:
    """The path of the program."""
    named = os.environ.get(VARIABLE)
    if named:
        if os.path.isfile(named):
            return named
        raise BinaryNotFound(f"{VARIABLE} is {named!r}, and there is no such file: let it name the fauxka program, or unset it")
    own = packaged()
    if own.is_file():
        return str(own)
    on_path = _on_path()
    if on_path:
        return on_path
    raise BinaryNotFound(_not_found(own))


def _on_path() -> Optional[str]:
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which("fauxka", path=folder) if folder else None
        # The command of this package would look for the program here again.
        if found and not _is_own_command(found):
            return found
    return None


def _is_own_command(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            start = opened.read(2)
            return start == b"#!" and OWN_COMMAND in opened.read(4096) or (os.name == "nt" and OWN_COMMAND in opened.read(1 << 20))
    except OSError:
        return False


def _not_found(own: pathlib.Path) -> str:
    return (
        f"there is no fauxka program for {platform.system()} on {platform.machine()}. Tried:\n"
        f"  {VARIABLE}: not set\n"
        f"  this package: there is no {own}\n"
        f"  PATH: no fauxka in {os.environ.get('PATH') or 'an empty PATH'}\n"
        f"Install a wheel of fauxka for this platform, or build the program with Rust (cargo install --locked --path broker, "
        f"from a checkout of https://github.com/fauxka/fauxka) and let {VARIABLE} name it."
    )
