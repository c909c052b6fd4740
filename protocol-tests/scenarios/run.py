#!/usr/bin/env python3
"""Runs the scenarios beside it, several at a time: see README.md. Names pick some of them."""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "clients"))

import fauxka  # noqa: E402
import toolchains  # noqa: E402

SCENARIO_SECONDS = 240
AT_A_TIME = 4


def names():
    python = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("cluster", "run", "test_copies"))
    java = sorted(f"java/{path.stem}" for path in HERE.glob("java/*.java") if "void main(" in path.read_text())
    return [*python, *java]


def python(cache):
    program = toolchains.python(cache) / "bin" / "python"
    return lambda name: [program, "-B", HERE / f"{name}.py"]


def java(cache):
    classes, jars = toolchains.java_scenarios(cache), toolchains.java(cache) / "jars"
    program = ["java", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{classes}:{jars}/*"]
    return lambda name: [*program, name.partition("/")[2]]


def commands(wanted, cache):
    """What runs each scenario, without those whose language this machine lacks."""
    found = {}
    for language, prepare in (("Python", python), ("Java", java)):
        of_it = [name for name in wanted if name.startswith("java/") == (language == "Java")]
        try:
            command = prepare(cache) if of_it else None
        except toolchains.Missing as missing:
            print(f"{missing.word} scenarios in {language}: {missing}")
            if missing.verdict == "failed":
                sys.exit(1)
            continue
        found |= {name: command(name) for name in of_it}
    return found


def emptied(name):
    """The folder for the recordings of a scenario's clusters."""
    folder = ROOT / "target" / "recordings" / "scenarios" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def rerun(broker, folder):
    """What is wrong with the recordings, in lines: each must happen again to the same answers. Those of a failure stay."""
    wrong = []
    for file in sorted(folder.iterdir()):
        again = subprocess.run([broker, "rerun", file], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if again.returncode != 0 or again.stderr:
            wrong.append(f"fauxka rerun {file}: {again.stderr.strip()}")
    return wrong


def scenario(name, command):
    """(whether it went well, the lines to print)"""
    began = time.monotonic()
    broker, folder = fauxka.built(), emptied(name)
    found = {"FAUXKA": str(broker), "FAUXKA_RECORDINGS": str(folder), "PATH": f"{broker.parent}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True, env={**os.environ, **found})
    try:
        printed, _ = process.communicate(timeout=SCENARIO_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        printed = f"{process.communicate()[0]}still running after {SCENARIO_SECONDS} s\n"
    lines = printed.splitlines()
    if process.returncode == 0:
        lines += (wrong := rerun(broker, folder))
    else:
        lines += [f"recorded in {folder}; `fauxka rerun FILE` has it happen again"]
    well = process.returncode == 0 and not wrong
    if well:
        shutil.rmtree(folder)
    shown = [line for line in lines if line.startswith(("buggy:", "fixed:"))] if well else lines[-40:]
    head = f"{'ok      ' if well else 'FAILED  '}{name} {time.monotonic() - began:.1f}s"
    return well, "\n    ".join([head, *shown])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="scenarios, all by default")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "clients", help="where packages are")
    options = parser.parse_args()
    known = names()
    if options.list:
        print("\n".join(known))
        return
    strangers = [name for name in options.names if name not in known]
    if strangers:
        parser.error(f"unknown: {', '.join(strangers)}; there are {', '.join(known)}")
    run_by = commands(options.names or known, options.cache)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        verdicts = []
        for well, text in pool.map(lambda name: scenario(name, run_by[name]), run_by):
            print(text, flush=True)
            verdicts.append(well)
    print(f"scenarios: {verdicts.count(True)} passed, {verdicts.count(False)} failed")
    sys.exit(not all(verdicts))


if __name__ == "__main__":
    main()
