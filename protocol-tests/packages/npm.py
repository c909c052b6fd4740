#!/usr/bin/env python3
"""Builds the npm package from its sources, installs it in an empty folder as npm does from a registry, and runs the test project npm/ there.

FAUXKA names the program to pack. The project's own packages come from npm's registry or cache, by its lock file. What lacks its
toolchain is skipped with a line that says so; with CI=true it is a failure.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "protocol-tests" / "clients")]

import fauxka  # noqa: E402
import npm_registry  # noqa: E402
import toolchains  # noqa: E402

PROJECT = HERE / "npm"
PACKAGE = ROOT / "broker" / "packages" / "npm"
TARGET = ROOT / "target" / "packages" / "npm"
SECONDS = 120
GONE_SECONDS = 10
# Node.js 20 is the oldest that the package is for.
OLDEST = 20

RULE = '{"name":"lost answer","api":["Produce"],"topic":"orders","nth":2,"after_apply":["disconnect"],"expect":1}'
UNMET = f"""\
fault rule 1 (lost answer): expected to act 1 times, acted 0 times on 0 requests: {RULE}
seed 7
rules:
fault rule 1 (lost answer), active: acted 0 times on 0 requests: {RULE}
the journal ends with:
#1 0.000s topic orders created with 1 partitions
#2 0.000s Produce v11 orders[0] from  (0) to node 1
"""
WRONG = """
seed 7
rules: none
the journal ends with:
#1 0.000s topic orders created with 1 partitions
"""
TWO = [f"seed {seed}\nrules: none\nthe journal ends with: none\n" for seed in (8, 9)]


class Failure(Exception):
    """A check that has failed."""


class Checks:
    """What all checks share: folders, and the log of the one that runs."""

    def __init__(self):
        self.log = None
        self.program = fauxka.built()
        self.work = TARGET / "run"
        self.platform = subprocess.check_output(["node", "-p", "process.platform + '-' + process.arch"], text=True).strip()

    def run(self, *argv, cwd, expected=0, **environment):
        """What the program prints, on both streams."""
        argv = list(map(str, argv))
        self.log.write(f"$ {' '.join(argv)}\n")
        self.log.flush()
        variables = {name: value for name, value in os.environ.items() if not name.startswith("FAUXKA")}
        done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=SECONDS, env={**variables, "NO_COLOR": "1", "KAFKAJS_NO_PARTITIONER_WARNING": "1", **environment})
        self.log.write(done.stdout)
        if done.returncode != expected:
            raise Failure(f"{' '.join(argv)} ended with status {done.returncode}, not {expected}")
        return done.stdout

    def binary(self, name):
        return self.work / "node_modules" / ".bin" / name


def generated(checks):
    """The types are those of today's OpenAPI document."""
    types = PACKAGE / "src" / "generated.ts"
    before = types.read_bytes()
    checks.run(PACKAGE / "generate", cwd=ROOT)
    if types.read_bytes() != before:
        raise Failure(f"{types} was not up to date, and now is: commit it")


def built(checks):
    """The packages, and what tools that look into packages say of them."""
    # The other platform's program is never run: npm must leave its package alone.
    other = "linux-arm64" if checks.platform == "darwin-arm64" else "darwin-arm64"
    checks.run(PACKAGE / "build", *(f"--binary={platform}={checks.program}" for platform in (checks.platform, other)), cwd=ROOT)
    (package,) = (TARGET / "packages").glob("fauxka-[0-9]*.tgz")
    tools = TARGET / "tools" / "node_modules" / ".bin"
    checks.run(tools / "publint", "--strict", package, cwd=TARGET)
    # Vitest itself has nothing for require. Without "exports", as in the old way to find modules, there is the main entry only.
    checks.run(tools / "attw", package, "--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm", cwd=TARGET)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def installed(checks):
    """npm installs the package in an empty folder, with the program for this platform and for no other, and nothing else."""
    work = fresh(checks.work)
    with npm_registry.serving(TARGET / "packages") as url:
        (work / ".npmrc").write_text(f"@fauxka:registry={url}\n")
        (package,) = (TARGET / "packages").glob("fauxka-[0-9]*.tgz")
        checks.run("npm", "install", "--no-audit", "--no-fund", package, cwd=work)
    found = sorted(path.parent.relative_to(work / "node_modules").as_posix() for path in work.glob("node_modules/**/package.json"))
    if found != [f"@fauxka/{checks.platform}", "fauxka"]:
        raise Failure(f"npm has installed {found}")
    version = checks.run("npx", "--no-install", "fauxka", "--version", cwd=work)
    if not re.fullmatch(r"fauxka \d+\.\d+\.\d+\n", version):
        raise Failure(f"npx fauxka --version printed {version!r}")
    add_project(checks, work)


def add_project(checks, work):
    """The test project, and the clients and test runners of its lock file, beside the installed package."""

    def install(folder, log):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PROJECT / name, folder)
        toolchains.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], log, folder)

    lock = [PROJECT / "package.json", PROJECT / "package-lock.json"]
    clients = toolchains.prepared(TARGET, "clients", lock, install)
    shutil.copytree(clients / "node_modules", work / "node_modules", symlinks=True, dirs_exist_ok=True, copy_function=os.link,
                    ignore=shutil.ignore_patterns(".package-lock.json"))
    shutil.copytree(PROJECT, work, dirs_exist_ok=True)


def no_binary(checks):
    """Without the program there is an error that says what was tried; one on the PATH, or one that is named, helps."""
    bare = fresh(TARGET / "no-binary")
    shutil.copytree(checks.work / "node_modules" / "fauxka", bare / "node_modules" / "fauxka")
    script = "require('fauxka').start().then((cluster) => cluster.stop()).then(() => console.log('started'), (error) => console.log(error.message))"
    node = shutil.which("node")
    other = "Object.defineProperty(process, 'platform', { value: 'aix' });"
    told = checks.run(node, "-e", script, cwd=bare, PATH="")
    expect(told, f"there is no fauxka program for {checks.platform}. Tried:", "FAUXKA_BINARY is not set",
           f"the package @fauxka/{checks.platform} is not installed: were optional dependencies left out", "PATH is empty", "set FAUXKA_BINARY")
    expect(checks.run(node, "-e", other + script, cwd=bare, PATH="/nowhere"), "there is no package with the program for aix-", "no fauxka in the 1 folders of PATH")
    # As pnpm writes them: it would start itself without end.
    shim = fresh(TARGET / "shim") / "fauxka"
    shim.write_text(f'#!/bin/sh\nexec {node} {bare}/node_modules/fauxka/bin/fauxka.js "$@"\n')
    shim.chmod(0o755)
    expect(checks.run(shim, "--version", cwd=bare, expected=1, PATH=str(shim.parent)), "no fauxka in the 1 folders of PATH, where scripts do not count")
    on_path = fresh(TARGET / "path")
    (on_path / "fauxka").symlink_to(checks.program)
    expect(checks.run(node, "-e", script, cwd=bare, PATH=str(on_path)), "started\n")
    expect(checks.run(node, "-e", script, cwd=bare, PATH="", FAUXKA_BINARY=str(checks.program)), "started\n")


def expect(text, *parts):
    for part in parts:
        if part not in text:
            raise Failure(f"the output lacks {part!r}")


def vitest(checks):
    expect(checks.run(checks.binary("vitest"), "run", "vitest/", cwd=checks.work), "6 passed (6)")


def jest(checks):
    expect(checks.run(checks.binary("jest"), "--testMatch", "**/*.test.js", "--", "jest/", cwd=checks.work), "5 passed, 5 total")
    modules = ["node", "--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--testMatch", "**/*.test.mjs", "--", "jest/modules"]
    expect(checks.run(*modules, cwd=checks.work), "1 passed, 1 total")


def node_test(checks):
    expect(checks.run("node", "--test", "--test-concurrency=4", *files(checks, "node"), cwd=checks.work), "pass 27\n", "fail 0\n")


def calls(checks):
    expect(checks.run("node", "--test", "api/calls.test.mjs", cwd=checks.work), "pass 9\n", "fail 0\n")
    expect(checks.run("node", "api/common.cjs", cwd=checks.work), "ok\n")


def types(checks):
    checks.run(checks.binary("tsc"), "--project", ".", cwd=checks.work)


def errors(checks):
    expect(checks.run("node", "--test", "api/errors.test.mjs", cwd=checks.work), "pass 10\n", "fail 0\n")


def files(checks, folder):
    return sorted(str(path.relative_to(checks.work)) for path in (checks.work / folder).glob("*.test.mjs"))


# How often each runner shows a failed test: all have a cluster with this seed, but for one of Vitest's.
REPORTED = {"vitest": 6, "jest": 5, "node": 7}
PASSED = {"vitest": "4 failed | 1 passed (5)", "jest": "5 failed, 1 passed, 6 total", "node": "pass 1\n"}


def reports(checks):
    """What failed tests show, whatever each runner puts around it."""
    for argv in ([checks.binary("vitest"), "run", "unmet/vitest"],
                 [checks.binary("jest"), "--testMatch", "**/*.test.cjs", "--", "unmet/"],
                 ["node", "--test", "--test-reporter=spec", "unmet/node.test.mjs"]):
        printed = checks.run(*argv, cwd=checks.work, expected=1)
        lines = "".join(f"{line.strip()}\n" for line in printed.splitlines())
        runner = pathlib.Path(argv[0]).name
        expect(lines, UNMET, WRONG, *TWO, PASSED[runner])
        # Jest has no place for the report of a concurrent test that runs out of time; that of any other is an error of its own.
        if runner == "jest" and re.findall(r"^(.*)the test is over", lines, re.M) != ["beside: ", ""]:
            raise Failure(f"{runner} shows the reports of tests that run out of time elsewhere")
        if lines.count("seed 7\n") != REPORTED[runner]:
            raise Failure(f"{runner} shows {lines.count('seed 7')} reports of clusters with seed 7, not {REPORTED[runner]}")


def normal(text):
    """What differs from run to run has something that stands for it."""
    return re.sub(r"\d+(\.\d+)? ?ms\b", "<time>", text)


def page(checks):
    """The page for readers shows what its tests print."""
    shown = (ROOT / "broker" / "docs" / "javascript.md").read_text()
    for name, argv, folder, status in (("npm-vitest", [checks.binary("vitest"), "run", "first"], "vitest", 0),
                                       ("npm-jest", [checks.binary("jest"), "first"], "jest", 0),
                                       ("npm-node", ["node", "--test", "--test-reporter=spec", "first.test.mjs"], "node", 0),
                                       ("npm-report", [checks.binary("vitest"), "run", "unmet/vitest", "-t", "unmet"], ".", 1)):
        (block,) = re.findall(rf"<!-- output: {name} -->\n```text\n(.+?)```\n", shown, re.S)
        printed = iter(normal(checks.run(*argv, cwd=checks.work / folder, expected=status)).splitlines())
        # In this order; a runner adds lines about tests that take their time.
        missing = [line for line in normal(block).splitlines() if line not in printed]
        if missing:
            raise Failure(f"javascript.md shows {missing[0]!r} in the output {name}")


def killed(checks):
    """A cluster does not outlive who started it, nor a test runner whose worker did."""
    for argv in (["node", "api/hold.mjs"],
                 ["node", "--test", "--test-reporter=tap", "hang/node.test.mjs"],
                 [checks.binary("vitest"), "run", "hang/vitest", "--pool", "forks", "--disable-console-intercept"],
                 [checks.binary("vitest"), "run", "hang/vitest", "--pool", "threads", "--disable-console-intercept"],
                 [checks.binary("jest"), "--testMatch", "**/*.test.cjs", "--maxWorkers", "2", "--", "hang/"]):
        place = checks.work / "broker.pid"
        place.unlink(missing_ok=True)
        process = subprocess.Popen(argv, cwd=checks.work, stdin=subprocess.DEVNULL, stdout=checks.log, stderr=checks.log,
                                   start_new_session=True)
        try:
            broker = int(until(lambda: place.exists() and place.read_text()))
            process.kill()
            process.wait()
            until(lambda: not runs(broker))
        finally:
            # Vitest's workers outlive it, and never end.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def npx_ends(checks):
    """`npx fauxka` ends its program when it is asked to end."""
    by_npx = subprocess.Popen([checks.binary("fauxka"), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"], cwd=checks.work,
                              stdout=subprocess.PIPE, stderr=checks.log, text=True)
    expect(by_npx.stdout.readline(), "READY bootstrap=")
    (broker,) = children(by_npx.pid)
    by_npx.terminate()
    by_npx.stdout.close()
    if by_npx.wait(GONE_SECONDS) != 0:
        raise Failure(f"fauxka ended with status {by_npx.returncode} after SIGTERM")
    until(lambda: not runs(broker))


def children(parent):
    pairs = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True).splitlines()
    return [int(pid) for pid, of in map(str.split, pairs) if int(of) == parent]


def runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition):
    """What the condition is as soon as it is anything."""
    end = time.monotonic() + GONE_SECONDS
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise Failure(f"nothing came of it in {GONE_SECONDS} seconds")


CHECKS = [generated, built, installed, types, vitest, jest, node_test, calls, errors, reports, page, killed, npx_ends, no_binary]


def need_toolchain():
    toolchains.need("node", "npm")
    version = subprocess.check_output(["node", "--version"], text=True).strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        raise toolchains.Missing(f"node {version} is too old: {OLDEST} or newer is needed")


def verdict(check, checks):
    """Whether the check passed; it prints a line."""
    name, began = check.__name__.replace("_", "-"), time.monotonic()
    path = TARGET / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as checks.log:
        try:
            check(checks)
        except (Failure, OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"FAILED  npm {name}: {error}, see {path}", flush=True)
            return False
    print(f"ok      npm {name} {time.monotonic() - began:.1f}s", flush=True)
    return True


def main():
    try:
        need_toolchain()
    except toolchains.Missing as missing:
        print(f"{missing.word} npm: {missing}")
        return 1 if missing.verdict == "failed" else 0
    checks = Checks()
    names = sys.argv[1:]
    chosen = [check for check in CHECKS if not names or check.__name__.replace("_", "-") in names]
    return 0 if all([verdict(check, checks) for check in chosen]) else 1


if __name__ == "__main__":
    sys.exit(main())
