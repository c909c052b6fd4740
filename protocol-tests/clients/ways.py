#!/usr/bin/env python3
"""Goes the ways of a Python, a Node and a Rust engineer: an empty folder, the pages' own files and commands, and what
`make dist` and `cargo package` made.

A page is read as a person reads it: a block after a line that ends with "`NAME`:" is the file NAME ("Add to `NAME`:" appends
to it), one after "in one terminal:" goes on running, every other `sh` block is run, and what follows `<!-- output: … -->`
must be printed by the block before it. So pages and this cannot differ.
"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import tomllib

import first_tests
import toolchains

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "broker" / "docs"
CACHE = ROOT / "target" / "clients"
BLOCK_SECONDS = 900

# needs: what a person of this trade has. sections: (page, heading) in the order in which they are read.
Way = collections.namedtuple("Way", "name needs sections")
PROGRAM = [("running.md", "### Without Rust"), ("first-test.md", "# A first test")]
WAYS = [
    Way("python", ["python3"], [*PROGRAM, ("first-test.md", "## Python"), ("test-suites.md", "## pytest")]),
    Way("node", ["node", "npm"], [*PROGRAM, ("first-test.md", "## JavaScript"), ("test-suites.md", "## Node.js")]),
    Way("rust", ["cargo", "cc", "make"], [("first-test.md", "## Rust")]),
]

# What a block is to a reader: a file, an addition to one, a command, a command that goes on running, or what is printed.
WRITE, APPEND, RUN, START, SHOWN = "write", "append", "run", "start", "shown"
Step = collections.namedtuple("Step", "kind name text")


def downloaded(folder):
    """Puts into the folder what would be downloaded if Fauxka were published, and gives {what the pages say: what is done}.

    This is all in which a way differs from the pages.
    """
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    files, crate = list((ROOT / "target" / "archive").glob("*")), ROOT / "target" / "package" / f"fauxka-{version}.crate"
    if not files or not crate.exists():
        raise toolchains.Missing("nothing to install: make dist; cargo package -p fauxka")
    for file in files:
        shutil.copy(file, folder)
    with tarfile.open(crate) as packed:
        packed.extractall(folder.parent, filter="data")
    return {'"…/fauxka/broker"': f'"{folder.parent / crate.stem}"'}


def section(page, heading):
    """The text from a heading to the next one."""
    text = f"\n{page}"
    assert text.count(f"\n{heading}\n") == 1, f"{heading} is not there once"
    return re.split(r"\n#+ ", text.split(f"\n{heading}\n")[1])[0]


def steps(text):
    """What a reader of a section does."""
    for before, language, block in re.findall(r"((?:^(?!```).*\n)*)^```(\S*)\n((?:(?!```).*\n)*)^```$", text, re.M):
        lines = [line for line in before.splitlines() if line and not line.startswith("<!--")]
        line = lines[-1] if lines else ""
        named = re.search(r"`([^`]+)`:$", line)
        if "<!-- output: " in before:
            yield Step(SHOWN, None, block)
        elif named and language != "sh":
            yield Step(APPEND if f"Add to {named[0]}" in line else WRITE, named[1], block)
        elif language == "sh":
            yield Step(START if line.endswith("in one terminal:") else RUN, None, block)


class Failed(Exception):
    pass


class Session:
    """A shell that a person types into; it ends with the block, and what it started with it."""

    def __init__(self, folder, environment):
        self.shell = subprocess.Popen(["bash", "-e"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # What a session started is in its group, also after the shell itself has ended.
        try:
            os.killpg(self.shell.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self.shell.communicate()

    def run(self, block):
        """All that a block prints, and the folder in which the shell is then."""
        self.shell.stdin.write(f"{{ {block}\n}} < /dev/null\necho; echo END \"$PWD\"\n")
        self.shell.stdin.flush()
        watchdog = threading.Timer(BLOCK_SECONDS, os.killpg, (self.shell.pid, signal.SIGKILL))
        watchdog.start()
        printed = []
        try:
            for line in self.shell.stdout:
                if line.startswith("END /"):
                    return "".join(printed), pathlib.Path(line.removeprefix("END ").rstrip("\n"))
                printed.append(line)
        finally:
            watchdog.cancel()
        raise Failed(f"{block}ended with status {self.shell.wait()} and printed\n{''.join(printed)}")


def go(way, folder, environment, replaced):
    """Goes through the way's sections; how many steps these had."""
    printed, at, count = "", folder, 0
    with Session(folder, environment) as session:
        for page, heading in way.sections:
            for step in steps(section((DOCS / page).read_text(), heading)):
                text = step.text
                for shown, real in replaced.items():
                    text = text.replace(shown, real)
                count += 1
                if step.kind in (WRITE, APPEND):
                    file = at / step.name
                    assert (step.kind == APPEND) == (file.name == "Cargo.toml"), f"{page} has {file} written in a way that loses something"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    with open(file, "a") as out:
                        out.write(f"\n{text}")
                elif step.kind == START:
                    session.run(f"{{ {text.rstrip()}\n}} > started.log 2>&1 &")
                    session.run("fauxka wait --timeout 30s")
                elif step.kind == RUN:
                    printed, at = session.run(text)
                elif first_tests.normal(text) not in first_tests.normal(printed):
                    raise Failed(f"{page} shows\n{text}and it printed\n{printed}")
    return count


def is_free(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def elsewhere():
    """({address of the pages: free address}, variables for the program), if somebody on this machine has the pages' ports."""
    if is_free(9092) and is_free(9700):
        return {}, {}
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        kafka, control = (f"127.0.0.1:{listener.getsockname()[1]}" for listener in (one, other))
    print(f"ports 9092 and 9700 are taken: {kafka} and {control} stand for them")
    return ({"127.0.0.1:9092": kafka, "127.0.0.1:9700": control},
            {"FAUXKA_LISTEN": kafka, "FAUXKA_CONTROL_LISTEN": control, "FAUXKA_CONTROL": f"http://{control}"})


def check(way):
    toolchains.need(*way.needs)
    # Outside the checkout, where no package manager or test runner finds anything of ours.
    with tempfile.TemporaryDirectory(prefix=f"fauxka-{way.name}-") as scratch:
        folder = pathlib.Path(scratch).resolve() / "empty"
        folder.mkdir()
        addresses, variables = elsewhere()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FAUXKA")}
        # Compiled dependencies are kept, as package managers keep what they have downloaded. Node prints for people in a terminal only.
        environment |= {"CARGO_TARGET_DIR": str(CACHE / "rust"), "NODE_OPTIONS": "--test-reporter=spec", **variables}
        return go(way, folder, environment, {**addresses, **downloaded(folder)})


def verdict_of(way):
    """(verdict, the line to print)"""
    began = time.monotonic()
    try:
        count = check(way)
        return "passed", f"ok      {way.name} {time.monotonic() - began:.1f}s: {count} steps"
    except toolchains.Missing as missing:
        return missing.verdict, f"{missing.word} {way.name}: {missing}"
    except (AssertionError, OSError, Failed, subprocess.SubprocessError) as error:
        return "failed", f"FAILED  {way.name}: {error}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [way.name for way in WAYS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all by default")
    options = parser.parse_args()
    strangers = [name for name in options.names if name not in names]
    if strangers:
        parser.error(f"unknown: {', '.join(strangers)}; there are {', '.join(names)}")
    CACHE.mkdir(parents=True, exist_ok=True)
    count = collections.Counter()
    for way in WAYS:
        if not options.names or way.name in options.names:
            verdict, line = verdict_of(way)
            print(line, flush=True)
            count[verdict] += 1
    print(f"ways: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
