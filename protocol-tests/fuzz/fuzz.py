"""Runs libFuzzer against the broker's targets, from the inputs that are kept in fixtures/fuzz, and prints what came of it.

    fuzz.py [--seconds 30] [--seed 1] [--bless] [NAME...]

A crash, a hang or an input that takes too much memory ends the run of its target: it is left in target/fuzz/found, and shown as a line for
a test. With --bless the corpora that have grown are minimised and written back.
"""

import argparse
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "fixtures" / "fuzz"
BUILT = ROOT / "target" / "fuzz"
HOST = "x86_64-unknown-linux-gnu"

# Inputs of more bytes say nothing new and take longer.
TARGETS = {
    "frames": 2048,
    "batches": 2048,
    "metadata": 1024,
    "logins": 4096,
    "control": 1024,
    "files": 16384,
    "engine": 2048,
}

# What the corpus of one target may take in the repository.
KEPT_BYTES_MAX = 56 * 1024
INPUT_BYTES_KEPT = 8 * 1024
LONG_BYTES = 1024
TIMEOUT_SECONDS = 20
MEMORY_MIB = 1024

# Coverage is instrumentation of LLVM's own, which every toolchain has; only sanitizers need a nightly one.
FLAGS = [
    "--cfg",
    "fuzzing",
    "-Awarnings",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
]


def build():
    environment = os.environ | {
        "CARGO_TARGET_DIR": str(BUILT),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(FLAGS),
    }
    environment.pop("RUSTFLAGS", None)
    # With a target named, build scripts and macros are not instrumented.
    command = ["cargo", "build", "-q", "--locked", "--release", "--target", HOST]
    subprocess.run(command, cwd=ROOT / "protocol-tests" / "fuzz", env=environment, check=True)
    return BUILT / HOST / "release" / "fuzz"


def unpack(name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{name}.txt"
    lines = kept.read_text().splitlines() if kept.exists() else []
    for line in lines:
        if line and not line.startswith("#"):
            content = base64.b64decode(line)
            (folder / hashlib.sha1(content).hexdigest()).write_bytes(content)


def run(program, name, arguments, log):
    environment = os.environ | {"FUZZ_TARGET": name}
    with open(log, "ab") as output:
        return subprocess.run(
            [program, *arguments], env=environment, stdout=output, stderr=output, check=False
        ).returncode


def figures(text):
    """How many inputs were run in how many seconds, and the edges and features that they covered."""
    executed = re.findall(r"stat::number_of_executed_units: (\d+)", text)
    covered = re.findall(r"cov: (\d+) ft: (\d+)", text)
    seconds = re.findall(r"Done \d+ runs in (\d+) second", text)
    last = lambda found: found[-1] if found else None
    edges, features = last(covered) or ("0", "0")
    return int(last(executed) or 0), int(edges), int(features), int(last(seconds) or 0)


def fuzz(program, name, seconds, seed):
    corpus, log = BUILT / "corpus" / name, BUILT / f"{name}.log"
    unpack(name, corpus)
    found = BUILT / "found"
    found.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    before = set(found.iterdir())
    arguments = [
        corpus,
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={TARGETS[name]}",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-artifact_prefix={found}/{name}-",
        "-print_final_stats=1",
    ]
    code = run(program, name, arguments, log)
    text = log.read_text(errors="replace")
    executed, edges, features, lasted = figures(text)
    print(f"{name:<10} {executed:>10} {lasted:>8} {edges:>8} {features:>9}", flush=True)
    if code == 0 and executed > 0 and edges > 0:
        return True
    print(f"FAILED {name}: {log} has all of it, and ends with")
    print("\n".join(text.splitlines()[-25:]))
    for path in sorted(set(found.iterdir()) - before):
        shown = base64.b64encode(path.read_bytes()).decode()
        print(f"left in {path}; for a test in broker/src/fuzzing/tests.rs:\n    {name} {shown}")
    return False


def bless(program, name):
    corpus, least, log = BUILT / "corpus" / name, BUILT / "least" / name, BUILT / f"{name}-merge.log"
    shutil.rmtree(least, ignore_errors=True)
    least.mkdir(parents=True)
    log.unlink(missing_ok=True)
    arguments = [
        f"-max_len={TARGETS[name]}",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-artifact_prefix={BUILT / 'found'}/{name}-",
    ]
    if run(program, name, ["-set_cover_merge=1", *arguments, least, corpus], log) != 0:
        sys.exit(f"{name} cannot be minimised: {log}")
    # A whole snapshot reaches more than any number of short inputs that are refused; of the others, many are better.
    inputs = sorted((path.read_bytes() for path in least.iterdir()), key=lambda one: (len(one) <= LONG_BYTES, len(one), one))
    lines, size = [], 0
    for content in inputs:
        line = base64.b64encode(content).decode()
        if content and len(content) <= INPUT_BYTES_KEPT and size + len(line) < KEPT_BYTES_MAX:
            size += len(line) + 1
            lines.append(line)
    KEPT.mkdir(parents=True, exist_ok=True)
    head = f"# Inputs of the fuzzer's target `{name}`, in base64; see README.md"
    (KEPT / f"{name}.txt").write_text("\n".join([head, *lines]) + "\n")
    print(f"{name}: kept {len(lines)} of {len(inputs)} inputs")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30, help="how long each target runs")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs that are tried; one of its own by default")
    parser.add_argument("--bless", action="store_true", help="minimise the corpora and write them to fixtures/fuzz")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {' '.join(TARGETS)}; all by default")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(TARGETS)
    if unknown:
        parser.error(f"no target is called {' '.join(unknown)}: there are {' '.join(TARGETS)}")
    missing = None
    if shutil.which(os.environ.get("CXX", "c++")) is None:
        missing = "libFuzzer is C++, and there is no compiler for it: install g++, or set CXX"
    elif not (sys.platform == "linux" and os.uname().machine == "x86_64"):
        missing = "it is set up for Linux on x86-64"
    if missing:
        if os.environ.get("CI") == "true":
            sys.exit(f"NOT FUZZED: {missing}")
        print(f"SKIPPED fuzzing: {missing}")
        return
    program = build()
    print(f"{'target':<10} {'executions':>10} {'seconds':>8} {'edges':>8} {'features':>9}", flush=True)
    names = arguments.names or list(TARGETS)
    # All of them, so that one run shows all that is wrong.
    passed = [fuzz(program, name, arguments.seconds, arguments.seed) for name in names]
    if not all(passed):
        sys.exit(1)
    if arguments.bless:
        for name in names:
            bless(program, name)


if __name__ == "__main__":
    main()
