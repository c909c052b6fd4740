#!/usr/bin/env python3
"""The first tests that the guide shows, in each language, against a broker of their own each: see first/README.md.

Each must print what the page shows, and must fail when its producer is not idempotent. --bless copies the files into the pages, and
writes there what the sessions in a terminal print.
"""
import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import fauxka
import toolchains

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SOURCES = HERE / "first"
PAGES = [ROOT / "README.md", *sorted((ROOT / "broker" / "docs").glob("*.md"))]
TEST_SECONDS = 120

# What differs from run to run, and what stands for it.
NORMAL = [
    (re.compile(r"\b\d+(\.\d+)?( ?ms|s)\b"), "<time>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    # What a row's number is depends on how many requests a client sends meanwhile.
    (re.compile(r"^ *#?\d+ +(?=<time>)", re.M), "<row> "),
    # Whether a Fetch waits at the moment of a kill is a matter of chance.
    (re.compile(r"^.*wait of a Fetch.*\n", re.M), ""),
    (re.compile(r"^expired: \d+$", re.M), "expired: <count>"),
    (re.compile(r" +$", re.M), ""),
]

# file: in first/; those beside it in a folder of its own go with it. `command(cache, folder)` gives the argv that runs the copy in the folder, and a folder to run it in.
# breaks: what to put in place of what, so that the test fails. Without it the file is a session in a terminal, and all
# that it prints is compared.
First = collections.namedtuple("First", "name file command breaks options", defaults=[()])


def shell(cache, folder):
    toolchains.kcat(cache)
    return ["sh", "-e"], folder


def python(cache, folder):
    return [toolchains.python(cache) / "bin" / "python", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"], folder


def node(cache, folder):
    modules = toolchains.node(cache, "kafkajs") / "node_modules"
    # Imports look for packages beside the file only.
    (folder / "node_modules").symlink_to(modules)
    return ["node", "--test", "--test-reporter=spec"], folder


def go(_cache, folder):
    toolchains.need("go")
    # The folder of the module, whose packages the file imports.
    return ["env", "GOTOOLCHAIN=local", "go", "test", "-v", "-count=1", "-mod=readonly", folder / "first_test.go"], HERE / "go"


def java(cache, folder):
    jars, junit = toolchains.java(cache) / "jars", toolchains.junit(cache)
    paths = f"{folder}:{jars}/*:{junit}/*"
    with open(folder / "javac.log", "w") as log:
        toolchains.run(["javac", "-cp", paths, "-d", folder, *folder.glob("*.java")], log)
    return ["java", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", paths,
            "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner", "--disable-ansi-colors",
            "--details=tree", "--include-engine=junit-jupiter", f"--scan-classpath={folder}"], folder


def rust(cache, folder):
    toolchains.need("cargo", "cc", "make")
    package = folder / "package"
    shutil.copytree(SOURCES / "rust", package)
    manifest = package / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("../../../../broker", str(ROOT / "broker")))
    shutil.copy(folder / "first.rs", package / "tests" / "first.rs")
    # Not --locked: the lock pins rdkafka, and what the broker needs has a lock of its own.
    return ["cargo", "test", "-q", "--test", "first", "--target-dir", cache / "rust", "--", "--format=pretty"], package


IDEMPOTENT = ("true", "false")
FIRST = [
    First("kcat", "first.sh", shell, None),
    First("session", "session.sh", shell, None,
          ("--clock", "manual", "--config", "group.initial.rebalance.delay.ms=0")),
    First("pytest", "pytest/conftest.py", python, ('running.control("/v1/reset", {})', "pass")),
    First("junit", "junit/Fauxka.java", java, ('control("/v1/reset", "{}")', 'bootstrap()')),
    First("python", "first_test.py", python, ('"enable.idempotence": True', '"enable.idempotence": False')),
    First("node", "first.test.mjs", node, ("idempotent: true", "idempotent: false")),
    First("node-suite", "node/orders.test.mjs", node, ("cluster.control('/v1/reset', {})", "{}")),
    First("go", "first_test.go", go, ('kgo.SeedBrokers("', 'kgo.DisableIdempotentWrite(), kgo.SeedBrokers("')),
    First("java", "FirstTest.java", java, ('"enable.idempotence", true', '"enable.idempotence", false')),
    First("rust", "rust/tests/first.rs", rust, ('"enable.idempotence", "true"', '"enable.idempotence", "false"')),
]


def normal(text):
    for pattern, instead in NORMAL:
        text = pattern.sub(instead, text)
    return text


def embed():
    """Copies the files that pages show into the pages."""
    for page in PAGES:
        text = page.read_text()
        page.write_text(re.sub(r"(<!-- file: (\S+) -->\n```\S+\n)(?:(?!```).*\n)*```\n",
                               lambda found: f"{found[1]}{(ROOT / found[2]).read_text()}```\n", text))


def blocks(page, name):
    """What the page shows as output of a test."""
    return re.findall(rf"<!-- output: {name} -->\n```text\n(.*?)```\n", page.read_text(), re.S)


def printed_by(first, source, ready, folder, cache):
    """(exit status, all that it printed) of the file's text, with this broker's addresses in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for shown, real in (("127.0.0.1:9092", ready["bootstrap"]), ("http://127.0.0.1:9700", ready["control"])):
        source = source.replace(shown, real)
    if first.command is not rust and "/" in first.file:
        shutil.copytree((SOURCES / first.file).parent, folder, dirs_exist_ok=True)
    file = folder / pathlib.Path(first.file).name
    file.write_text(source)
    argv, at = first.command(cache, folder)
    if first.command in (shell, node):
        argv = [*argv, file.name]
    environment = {**os.environ, "FAUXKA_CONTROL": ready["control"], "KAFKAJS_NO_PARTITIONER_WARNING": "1",
                   "PATH": f"{fauxka.built().parent}{os.pathsep}{os.environ['PATH']}"}
    # What kcat and librdkafka say of lost connections is not the test's output.
    errors = subprocess.DEVNULL if first.command is shell else subprocess.STDOUT
    done = subprocess.run(list(map(str, argv)), cwd=at, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                          text=True, timeout=TEST_SECONDS + toolchains.INSTALL_SECONDS * (first.command is rust), env=environment)
    return done.returncode, done.stdout


def check_pages(first, printed, bless):
    shown = [(page, block) for page in PAGES for block in blocks(page, first.name)]
    assert shown, "no page shows its output"
    for page, block in shown:
        if first.breaks is None and bless:
            page.write_text(page.read_text().replace(f"<!-- output: {first.name} -->\n```text\n{block}```",
                                                     f"<!-- output: {first.name} -->\n```text\n{printed}```"))
        elif first.breaks is None:
            assert normal(block) == normal(printed), f"{page.name} shows\n{block}\nand it printed\n{printed}"
        else:
            assert normal(block) in normal(printed), f"{page.name} shows\n{block}\nand it printed\n{printed}"


def check(first, options):
    folder = options.cache / "run" / f"first-{first.name}"
    log = options.cache / f"first-{first.name}.log"
    source = (SOURCES / first.file).read_text()
    arguments = ["--control", "127.0.0.1:0", "--topic", "orders", *first.options]
    with fauxka.started(log, *arguments) as ready:
        status, printed = printed_by(first, source, ready, folder, options.cache)
        assert status == 0, f"exit status {status}\n{printed}"
        check_pages(first, printed, options.bless)
        if first.breaks:
            right, wrong = first.breaks
            assert source.count(right) == 1, f"{right} is not there once"
            status, printed = printed_by(first, source.replace(right, wrong), ready, folder, options.cache)
            assert status != 0, f"it passes with {wrong}\n{printed}"


def verdict_of(first, options):
    """(verdict, the line to print)"""
    began = time.monotonic()
    try:
        check(first, options)
        return "passed", f"ok      {first.name} {time.monotonic() - began:.1f}s"
    except toolchains.Missing as missing:
        return missing.verdict, f"{missing.word} {first.name}: {missing}"
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return "failed", f"FAILED  {first.name}: {error}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    names = [first.name for first in FIRST]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}; all by default")
    parser.add_argument("--bless", action="store_true", help="write what sessions print into the pages")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "clients", help="where packages are")
    options = parser.parse_args()
    strangers = [name for name in options.names if name not in names]
    if strangers:
        parser.error(f"unknown: {', '.join(strangers)}; there are {', '.join(names)}")
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    if options.bless:
        embed()
    count = collections.Counter()
    for first in FIRST:
        if not options.names or first.name in options.names:
            verdict, line = verdict_of(first, options)
            print(line, flush=True)
            count[verdict] += 1
    print(f"first tests: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
