"""Puts the program into the wheel, and says for which platform the wheel is."""
import os
import pathlib
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# A static program needs no C library, so that one wheel fits glibc's Linux and musl's. What is named is the oldest of each that pip knows and that has a
# kernel which Rust supports.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-unknown-linux-musl": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "x86_64-apple-darwin": "macosx_10_12_x86_64",
    "aarch64-apple-darwin": "macosx_11_0_arm64",
    "x86_64-pc-windows-msvc": "win_amd64",
    "aarch64-pc-windows-msvc": "win_arm64",
}
# A wheel without a program, for platforms that have none: there FAUXKA_BINARY or PATH names one.
NO_PROGRAM = "any"


class ProgramHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = os.environ.get("FAUXKA_TARGET", "")
        if version == "editable" or target == NO_PROGRAM:
            return
        if target not in PLATFORMS:
            known = ", ".join([*PLATFORMS, NO_PROGRAM])
            raise SystemExit(f"FAUXKA_TARGET is {target!r}: it must name the platform of the wheel, one of {known}")
        program = pathlib.Path(os.environ.get("FAUXKA") or "/no/program")
        if not program.is_file():
            raise SystemExit(f"FAUXKA must name the fauxka program for {target}: there is no file {program}")
        name = "fauxka.exe" if "windows" in target else "fauxka"
        build_data["force_include"][str(program.resolve())] = f"fauxka/bin/{name}"
        build_data["tag"] = f"py3-none-{PLATFORMS[target]}"
        build_data["pure_python"] = False
