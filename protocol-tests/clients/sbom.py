#!/usr/bin/env python3
"""Checks the bill of materials that `make dist` wrote with CycloneDX's own library."""
import pathlib
import subprocess
import sys

import toolchains

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main():
    cache = ROOT / "target" / "clients"
    cache.mkdir(parents=True, exist_ok=True)
    bills = sorted((ROOT / "target" / "archive").glob("*.cdx.json"))
    try:
        if not bills:
            raise toolchains.Missing("no bill of materials: make dist")
        python = toolchains.python_packages(cache, "python-sbom", HERE / "python" / "sbom" / "requirements.txt")
    except toolchains.Missing as missing:
        print(f"{missing.word} sbom: {missing}")
        return missing.verdict == "failed"
    return subprocess.run([python / "bin" / "python", "-B", HERE / "python" / "sbom" / "validate.py", *bills]).returncode


if __name__ == "__main__":
    sys.exit(main())
