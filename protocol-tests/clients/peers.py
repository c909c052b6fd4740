#!/usr/bin/env python3
"""Installs what `make bench` measures with, the load by librdkafka, and the servers beside the broker that are named: kafka, kfake, mock,
tansu.

What the machine lacks for one of them is a line `SKIPPED name: why`, which the bench repeats above its table.
"""
import pathlib
import subprocess
import sys

import oracle
import toolchains

CACHE = pathlib.Path(__file__).resolve().parents[2] / "target" / "clients"


def kafka(_cache):
    toolchains.need("java")
    if not oracle.LIBS.exists():
        toolchains.need("mvn")
    oracle.install()


def kfake(cache):
    program = toolchains.go(cache) / "kfake"
    module = "github.com/twmb/franz-go/pkg/kfake"
    lines = (toolchains.HERE / "go" / "go.mod").read_text().splitlines()
    (version,) = [line.split()[1] for line in lines if line.split()[:1] == [module]]
    program.with_name("kfake.version").write_text(f"{version}\n")


def tansu(cache):
    program = toolchains.tansu(cache) / "tansu"
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True, timeout=20)
    program.with_name("tansu.version").write_text(said.stdout.split()[-1] + "\n")


# The mock is a part of the load.
INSTALL = {"kafka": kafka, "kfake": kfake, "mock": None, "tansu": tansu}


def main():
    unknown = [name for name in sys.argv[1:] if name not in INSTALL]
    if unknown:
        raise SystemExit(f"{', '.join(unknown)}: known are {', '.join(INSTALL)}")
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = [("librdkafka", toolchains.rust), *((name, INSTALL[name]) for name in sys.argv[1:])]
    for name, install in wanted:
        try:
            if install:
                install(CACHE)
        except toolchains.Missing as missing:
            print(f"SKIPPED {name}: {missing}", flush=True)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"SKIPPED {name}: {error}; see {CACHE}", flush=True)


main()
