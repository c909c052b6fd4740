#!/usr/bin/env python3
"""Installs what `make bench` measures with and beside the broker: librdkafka for Python, and kfake.

What the machine lacks for it is a line `SKIPPED name: why`, and the bench leaves its rows out.
"""
import pathlib
import subprocess

import toolchains

CACHE = pathlib.Path(__file__).resolve().parents[2] / "target" / "clients"


def main():
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, install in [("librdkafka", toolchains.python), ("kfake", toolchains.go)]:
        try:
            install(CACHE)
        except toolchains.Missing as missing:
            print(f"SKIPPED {name}: {missing}", flush=True)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"SKIPPED {name}: {error}; see {CACHE}", flush=True)


main()
