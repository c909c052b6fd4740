#!/usr/bin/env python3
"""The Go package, packed and installed from a module proxy into an empty folder, with the tests of protocol-tests/packages/go there.

FAUXKA names the program; go/README.md lists what is checked. What lacks its toolchain is skipped with a line that says so; with CI=true
it is a failure.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

import fauxka  # noqa: E402
import toolchains  # noqa: E402
from go_common import MODULE, PACKAGE, POLL_SECONDS, PROJECT, ROOT, SHOP, WORK, environment, fresh, has_ended, printed, same, until  # noqa: E402
from go_starts import lacking, places, refusals  # noqa: E402

STATICCHECK = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"


def generated(log):
    """The generated files are those of the document."""
    printed(log, ROOT, sys.executable, "-B", PACKAGE / "generate", "--check")


def linted(log):
    assert printed(log, ROOT, "gofmt", "-l", PACKAGE, PROJECT) == "", "gofmt would change files"
    for system in ("linux", "windows"):
        printed(log, PACKAGE, "go", "vet", "./...", GOOS=system)


def staticcheck(log):
    if not (WORK / "bin" / "staticcheck").exists():
        printed(log, PACKAGE, "go", "install", STATICCHECK, GOBIN=str(WORK / "bin"))
    printed(log, PACKAGE, WORK / "bin" / "staticcheck", "./...")


def units(log):
    """The package's own tests, in the checkout, where no program is packed."""
    printed(log, PACKAGE, "go", "test", "-race", "-count=1", "./...")


def installed(log):
    """Packs the modules, and installs them into an empty folder by go get."""
    shutil.rmtree(WORK / "home", ignore_errors=True)
    for cached in (WORK / "cache" / "github.com" / "fauxka", WORK / "cache" / "cache" / "download" / "github.com" / "fauxka"):
        shutil.rmtree(cached, ignore_errors=True)
    printed(log, ROOT, sys.executable, "-B", PACKAGE / "pack", FAUXKA=str(fauxka.built()))
    fresh(SHOP)
    shutil.copytree(PROJECT, SHOP, dirs_exist_ok=True)
    printed(log, SHOP, "go", "get", f"{MODULE}/fauxkatest@latest")
    printed(log, SHOP, "go", "vet", "-mod=readonly", "./...")
    printed(log, SHOP, "go", "build", "-o", WORK / "starts", "./starts")


def tests(log):
    """Living clients; many clusters at once; one cluster for all tests."""
    printed(log, SHOP, "go", "test", "-race", "-count=1", "-v", "./orders", "./parallel", "./shared")


def broken_producer(log):
    """Without idempotence the order is there twice, and the test says so."""
    folder = SHOP / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = (SHOP / "orders" / "first_test.go").read_text()
    right = "kgo.MetadataMinAge(fauxka.MetadataAge)"
    assert source.count(right) == 1
    (folder / "first_test.go").write_text(source.replace(right, f"{right}, kgo.DisableIdempotentWrite()"))
    said = printed(log, SHOP, "go", "test", "-count=1", "./broken", status=1)
    for line in ('the orders are ["order-1" "order-1"]', "seed ", "fault rule 1 (lost answer), spent: acted 1 times", "the journal ends with:"):
        assert line in said, f"{line!r} is missing in\n{said}"


def reports(log):
    """What failed tests print, line by line."""
    said = printed(log, SHOP, "go", "test", "-count=1", "-v", "./reports", status=1)
    said = re.sub(r"\d+\.\d+s\b", "<time>", said).replace("\t", " ")
    kept = [line for line in said.splitlines() if not line.startswith("=== ")]
    if "--bless" in sys.argv[1:]:
        (PROJECT / "reports" / "expected.txt").write_text("\n".join(kept) + "\n")
    same("\n".join(kept), (PROJECT / "reports" / "expected.txt").read_text(), "the report")


def killed(log):
    """No cluster outlives its test process, which is killed, or runs out of its time."""
    printed(log, SHOP, "go", "test", "-c", "-o", WORK / "killed.test", "./killed")
    for ways, options in (("SIGKILL", []), ("-test.timeout", ["-test.timeout", "1s"])):
        process = subprocess.Popen([WORK / "killed.test", *options], stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
        cluster = None
        try:
            cluster = int(next(line for line in process.stdout if line.startswith("PID ")).split()[1])
            assert not has_ended(cluster)
            if not options:
                process.kill()
            assert process.wait(POLL_SECONDS) != 0
            until(lambda: has_ended(cluster), f"the cluster {cluster} ends after {ways}")
            log.write(f"{ways}: the cluster {cluster} has ended\n")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


CHECKS = [generated, linted, staticcheck, units, installed, tests, broken_producer, reports, killed, refusals, lacking, places]


def verdict(check):
    name = f"go-{check.__name__.replace('_', '-')}"
    log = WORK / f"{name}.log"
    began = time.monotonic()
    try:
        with open(log, "w") as out:
            check(out)
    except toolchains.Missing as missing:
        print(f"{missing.word} {name}: {missing}", flush=True)
        return missing.verdict
    except (subprocess.SubprocessError, AssertionError, OSError, StopIteration) as error:
        print(f"FAILED  {name}: {error}, see {log}", flush=True)
        return "failed"
    print(f"ok      {name} {time.monotonic() - began:.1f}s", flush=True)
    return "passed"


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    try:
        toolchains.need("go", "gofmt")
    except toolchains.Missing as missing:
        print(f"{missing.word} go: {missing}")
        return 1 if missing.verdict == "failed" else 0
    fauxka.built()
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    verdicts = [verdict(check) for check in CHECKS if not names or check.__name__ in names]
    counts = [f"{verdicts.count(word)} {word}" for word in ("passed", "failed", "skipped")]
    print(f"go: {', '.join(counts)}")
    return 1 if "failed" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
