#!/usr/bin/env python3
"""Builds the wheel from the sources, installs it with pip, and runs there what its users would: their tests with living clients, and
tests that fail. FAUXKA names the static program.
"""
import argparse
import contextlib
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "protocol-tests" / "clients"))

import fauxka  # noqa: E402
import toolchains  # noqa: E402

SOURCES = ROOT / "protocol-tests" / "packages" / "python"
PACKAGE = ROOT / "broker" / "packages" / "python"
PAGE = ROOT / "broker" / "docs" / "python.md"
OUT = ROOT / "target" / "packages" / "python"
SECONDS = 300
END_SECONDS = 20
OLDEST = (3, 9)
TIME = re.compile(r"(?<![\w.])\d+\.\d+s\b")
# What the package is to find by itself.
HIDDEN = ("FAUXKA", "FAUXKA_BINARY", "PYTHONPATH", "VIRTUAL_ENV")


def run(log, argv, cwd=OUT, status=0, **variables):
    """What a command printed, which must end with this exit status."""
    environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    environment.update(PYTHONDONTWRITEBYTECODE="1", COLUMNS="80", **variables)
    done = subprocess.run(list(map(str, argv)), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SECONDS, env=environment)
    log.write(f"$ {' '.join(map(str, argv))}\n{done.stdout}")
    assert done.returncode == status, f"exit status {done.returncode}, not {status}, of {argv[0]} {argv[1]}"
    return done.stdout


def clients():
    """A folder with the client libraries and the tools, pinned by a lock file."""
    return toolchains.python_packages(OUT / "cache", "clients", SOURCES / "requirements.txt") / "bin" / "python"


def built(log, target=None):
    """The wheel, built by the tools of the lock file."""
    out = OUT / "wheels" / (target or "own")
    shutil.rmtree(out, ignore_errors=True)
    options = ["--target", target] if target else []
    run(log, [clients(), PACKAGE / "build", "--no-isolation", *options, out], FAUXKA=str(fauxka.built()))
    (wheel,) = out.iterdir()
    return wheel


def empty(log, name, wheel, python=sys.executable):
    """A new environment with nothing but the wheel; pip may ask nobody."""
    folder = OUT / name
    run(log, [python, "-m", "venv", "--without-pip", "--clear", folder])
    run(log, [clients(), "-m", "pip", "-q", "--python", folder, "install", "--no-compile", "--no-index", wheel])
    return folder / "bin"


def copied(name):
    """The test project, away from the repository and its files."""
    folder = OUT / "run" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SOURCES / name, folder)
    return folder


def pytest(log, folder, *options, **words):
    return run(log, [clients(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore::DeprecationWarning", *options], folder, **words)


def same(printed, name, **instead):
    """Compares what was printed with the file."""
    for word, value in instead.items():
        printed = printed.replace(str(value), word)
    expected = (SOURCES / "expected" / name).read_text()
    assert expected.strip() in TIME.sub("<time>", printed), f"expected\n{expected}\nand it printed\n{printed}"


def a_wheel_with_the_program(log):
    wheel = built(log)
    content = wheel.read_bytes()
    again = built(log)
    assert again.read_bytes() == content, "two builds differ"
    with zipfile.ZipFile(wheel) as archive:
        names = {name: archive.getinfo(name) for name in archive.namelist()}
        assert names["fauxka/bin/fauxka"].external_attr >> 16 & 0o111 == 0o111, "pip would install a program that cannot be run"
        assert archive.read("fauxka/bin/fauxka") == fauxka.built().read_bytes()
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith("/METADATA")]
        assert {"fauxka/py.typed", "fauxka/types.py"} <= set(names)
    assert "\nLicense-Expression: MIT OR Apache-2.0\n" in metadata and metadata.count("\nLicense-File: LICENSE-") == 2, metadata
    needed = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert not needed, needed
    shutil.copy(wheel, OUT)


def sources_build_the_same_wheel(log):
    """The sdist holds all that a build needs."""
    folder = OUT / "unpacked"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    run(log, ["tar", "-xzf", built(log, "sdist"), "--strip-components=1", "-C", folder])
    argv = [clients(), "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"]
    refused = run(log, argv, folder, status=1, FAUXKA_TARGET="riscv64")
    assert "FAUXKA_TARGET is 'riscv64': it must name the platform of the wheel, one of x86_64-unknown-linux-musl" in refused, refused
    run(log, argv, folder, FAUXKA_TARGET=f"{platform.machine()}-unknown-linux-musl", FAUXKA=str(fauxka.built()))
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(OUT / wheel.name) as other:
        assert {name: one.read(name) for name in one.namelist()} == {name: other.read(name) for name in other.namelist()}


def generated_files_are_up_to_date(log):
    def contents():
        return {file: file.read_text() for file in (PACKAGE / "src").rglob("*.py")}

    before = contents()
    run(log, [sys.executable, PACKAGE / "generate"])
    assert contents() == before, "broker/packages/python/generate has changed its files: commit them"


def types_are_strict(log):
    """The package's own, what its users' wrong words give, and the calls that must be right."""
    run(log, [clients(), "-m", "mypy", "--cache-dir", OUT / "mypy"], PACKAGE)
    run(log, [clients(), "-m", "mypy", "--cache-dir", OUT / "mypy-user", "--strict", "typed.py"], copied("failing"))


def pythons(log):
    """The interpreters of this machine that the package is for, by version."""
    found = {}
    folders = [pathlib.Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    if shutil.which("pyenv"):
        root = subprocess.check_output(["pyenv", "root"], text=True).strip()
        folders += sorted(pathlib.Path(root).glob("versions/*/bin"))
    for minor in range(OLDEST[1], 20):
        for folder in folders:
            program = folder / f"python{OLDEST[0]}.{minor}"
            works = program.exists() and subprocess.run([program, "-c", "import venv"], capture_output=True, check=False, cwd=OUT).returncode == 0
            if works:
                found.setdefault(f"{OLDEST[0]}.{minor}", program)
    log.write(f"found {found}\n")
    return found


def each_python_without_other_packages(log):
    wheel = next(OUT.glob("*.whl"))
    versions = pythons(log) or {"own": sys.executable}
    first, last = next(iter(versions)), next(reversed(versions))
    for version in dict.fromkeys((first, last)):
        programs = empty(log, f"empty-{version}", wheel, versions[version])
        run(log, [programs / "python", "-m", "unittest", "-v"], copied("plain"), PATH="")
        assert run(log, [programs / "fauxka", "--version"], PATH="") == run(log, [fauxka.built(), "--version"])
        run(log, [programs / "fauxka", "--no-such-option"], status=2)
    installed = run(log, [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    for version in set(versions) - {first, last}:
        # The files are the same for all, and pip takes longer than the tests.
        run(log, [versions[version], "-m", "unittest", "-v"], copied("plain"), PATH="", PYTHONPATH=installed)
    return f"Python {', '.join(versions)}"


def living_clients(log):
    shop = copied("shop")
    pytest(log, shop, "test_first.py", PATH="")
    printed = pytest(log, shop, PATH="")
    assert re.search(r"^\d+ passed in", printed, re.M), printed
    first = shop / "test_first.py"
    first.write_text(first.read_text().replace('"enable.idempotence": True', '"enable.idempotence": False'))
    assert "assert ['order-1', 'order-1'] == ['order-1']" in pytest(log, shop, first.name, status=1)


def options_of_the_ini_file(log):
    folder = copied("ini")
    assert "4 passed" in pytest(log, folder)
    for option, words in (("fauxka_nodes=three", "fauxka_nodes is 'three': it must be a number"), ("fauxka_clock=slow", "it must be 'real' or 'manual'"),
                          ("fauxka_config=num.partitions", "fauxka_config has 'num.partitions': each line must be NAME=VALUE"),
                          ("fauxka_binary=gone", "ini/gone: No such file or directory")):
        printed = pytest(log, folder, "-o", option, "-k", "test_the_ini_file", status=1)
        assert words in printed, f"{option}: nothing says {words}"


def parallel_runs(log):
    printed = pytest(log, copied("shop"), "-n", "4", "--dist=load")
    assert re.search(r"^\d+ passed in", printed, re.M), printed


def failed_tests_show_their_clusters(log):
    folder = copied("failing")
    printed = pytest(log, folder, "--tb=short", "test_unmet.py", status=1)
    same(printed, "unmet.txt")
    for words in ("4 failed, 1 passed, 2 errors", "fauxka, cluster 2 of 2", "there is no option node; there are nodes",
                  "its cluster is shared with other tests", "fauxka has ended by itself, by signal 9", "expected to act 2 times, acted 0 times on 0 requests"):
        assert words in printed, f"nothing says {words}"
    seeded = pytest(log, folder, "--fauxka-seed", "42", "test_unmet.py", status=1)
    assert set(re.findall(r"^seed \d+", seeded, re.M)) == {"seed 42", "seed 8"}
    same(run(log, [clients(), "-m", "unittest", "test_unmet_plain"], folder, status=1), "unittest.txt")


def what_does_not_start_says_why(log):
    folder = copied("failing")
    scratch = folder / "scratch"
    scratch.mkdir()
    printed = run(log, [clients(), "starts.py", scratch], folder)
    program = run(log, [clients(), "-c", "from fauxka import _binary; print(_binary.find())"]).strip()
    same(re.sub(r"(127\.0\.0\.1:)[1-9]\d+", r"\1PORT", printed), "starts.txt", FOLDER=scratch, PROGRAM=program)


def no_program_for_the_platform(log):
    """The wheel for all other platforms: it says what was tried, or takes the program that it is told of."""
    programs = empty(log, "empty-any", built(log, "any"))
    folder = copied("failing")
    # The package's own command is on the path, which must not look for itself.
    printed = run(log, [programs / "python", "starts.py", folder, "nowhere"], folder, PATH=str(programs))
    package = run(log, [programs / "python", "-c", "import fauxka, os; print(os.path.dirname(fauxka.__file__))"]).strip()
    same(printed, "nowhere.txt", SYSTEM=platform.system(), MACHINE=platform.machine(), PACKAGE=package, SCRIPTS=programs)
    assert "there is no fauxka program for" in run(log, [programs / "fauxka", "--version"], status=127, PATH=str(programs))
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "fauxka").symlink_to(fauxka.built())
    run(log, [programs / "fauxka", "--version"], PATH=f"{programs}{os.pathsep}{elsewhere}")
    run(log, [programs / "python", "-m", "unittest"], copied("plain"), FAUXKA_BINARY=str(fauxka.built()), PATH="")


def is_alive(pid):
    with contextlib.suppress(OSError):
        return ") Z " not in pathlib.Path(f"/proc/{pid}/stat").read_text() if os.path.isdir("/proc") else os.kill(pid, 0) is None
    return False


def until(reached, what):
    end = time.monotonic() + END_SECONDS
    while not reached():
        assert time.monotonic() < end, f"{what} after {END_SECONDS} s"
        time.sleep(0.02)


def a_killed_runner_leaves_nothing_behind(log):
    folder = copied("failing")
    told = folder / "pid"
    with subprocess.Popen([clients(), "killed.py", told], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as runner:
        try:
            until(told.exists, "no cluster")
            pid = int(told.read_text())
            assert is_alive(pid)
        finally:
            runner.send_signal(signal.SIGKILL)
    try:
        until(lambda: not is_alive(pid), f"process {pid} lives on")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def page_shows_these_files(_log):
    """The page's files are those that ran; its outputs are what they printed."""
    text = PAGE.read_text()
    shown = re.findall(r"<!-- file: (\S+) -->\n```\S+\n(.*?)```\n", text, re.S)
    assert len(shown) == text.count("<!-- file:") > 4
    for name, block in shown:
        assert (ROOT / name).read_text() == block, f"{PAGE.name} shows another {name}; --bless copies it"
    outputs = dict(re.findall(r"<!-- output: packaged-(\S+) -->\n```text\n(.*?)```\n", text, re.S))
    logs = {"first": "living-clients", "unmet": "failed-tests-show-their-clusters"}
    assert set(outputs) == set(logs), sorted(outputs)
    for name, block in outputs.items():
        printed = TIME.sub("<time>", (OUT / f"python-{logs[name]}.log").read_text())
        assert TIME.sub("<time>", block) in printed, f"{PAGE.name} shows what was not printed:\n{block}"


def bless():
    """Copies the files into the page."""
    text = re.sub(r"(<!-- file: (\S+) -->\n```\S+\n)(?:(?!```).*\n)*```\n", lambda found: f"{found[1]}{(ROOT / found[2]).read_text()}```\n", PAGE.read_text())
    PAGE.write_text(text)


CHECKS = [a_wheel_with_the_program, sources_build_the_same_wheel, generated_files_are_up_to_date, types_are_strict, each_python_without_other_packages,
          living_clients, options_of_the_ini_file, parallel_runs, failed_tests_show_their_clusters, what_does_not_start_says_why, no_program_for_the_platform,
          a_killed_runner_leaves_nothing_behind, page_shows_these_files]


def verdict(check):
    name = f"python-{check.__name__.replace('_', '-')}"
    path, began = OUT / f"{name}.log", time.monotonic()
    with open(path, "w") as log:
        try:
            told = check(log)
        except toolchains.Missing as missing:
            print(f"{missing.word} {name}: {missing}", flush=True)
            return missing.verdict
        except (subprocess.SubprocessError, OSError, AssertionError, LookupError, SystemExit, ValueError) as error:
            print(f"FAILED  {name}: {error}\nsee {path}", flush=True)
            return "failed"
    print(f"ok      {name} {time.monotonic() - began:.1f}s{f' {told}' if told else ''}", flush=True)
    return "passed"


def install(log):
    """The wheel beside the client libraries, as on a user's machine."""
    wheel = next(OUT.glob("*.whl"))
    run(log, [clients(), "-m", "pip", "install", "-q", "--no-index", "--force-reinstall", wheel])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=f"of {', '.join(check.__name__ for check in CHECKS[1:])}; all by default")
    parser.add_argument("--bless", action="store_true", help="copy the files into the page, and nothing else")
    options = parser.parse_args()
    strangers = set(options.names) - {check.__name__ for check in CHECKS}
    if strangers:
        parser.error(f"unknown: {', '.join(strangers)}")
    return bless() if options.bless else check_all(options.names)


def check_all(names):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "cache").mkdir(exist_ok=True)
    for old in OUT.glob("*.whl"):
        old.unlink()
    try:
        clients()
    except (toolchains.Missing, subprocess.SubprocessError) as error:
        word, failed = (error.word, error.verdict == "failed") if isinstance(error, toolchains.Missing) else ("FAILED ", True)
        print(f"{word} python: {error}")
        return failed
    verdicts = [verdict(CHECKS[0])]
    if verdicts == ["passed"]:
        with open(OUT / "python-install.log", "w") as log:
            install(log)
        verdicts += [verdict(check) for check in CHECKS[1:] if not names or check.__name__ in names]
    return "failed" in verdicts


if __name__ == "__main__":
    sys.exit(main())
