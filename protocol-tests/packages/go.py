#!/usr/bin/env python3
"""The Go package, packed and installed from a module proxy into an empty folder, with the tests of protocol-tests/packages/go there.

FAUXKA names the program. NAMES of checks select some; --bless writes what failed tests print into reports/expected.txt. What lacks its toolchain is skipped with a line that says so; with CI=true
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

PAGE = ROOT / "broker" / "docs" / "go.md"
BLESS = "--bless" in sys.argv[1:]
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
    printed(log, SHOP, "go", "test", "-race", "-count=1", "-v", "./orders", "./pages", "./parallel", "./shared")


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
    kept = [line for line in steady(said).replace("\t", " ").splitlines() if not line.startswith("=== ")]
    if BLESS:
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


def steady(text):
    """Without what differs from run to run."""
    return re.sub(r"\d+\.\d+s\b", "<time>", text)


def shown(name):
    return re.search(rf"<!-- output: {name} -->\n```text\n(.*?)```\n", PAGE.read_text(), re.S)[1]


def page(log):
    """The page shows the files as they are, and what the tests print."""
    block = re.compile(r"(<!-- file: (\S+) -->\n```go\n)(.*?)```\n", re.S)
    if BLESS:
        PAGE.write_text(block.sub(lambda found: f"{found[1]}{(ROOT / found[2]).read_text()}```\n", PAGE.read_text()))
    for _, file, text in block.findall(PAGE.read_text()):
        same(text, (ROOT / file).read_text(), f"{PAGE.name}: {file}")
    said = printed(log, SHOP, "go", "test", "-count=1", "-v", "-run", "TestOrderIsPlacedOnce$", "./orders")
    same(steady(said.rsplit("ok ", 1)[0]), steady(shown("go-package")), "the first test's output")
    said = printed(log, SHOP, "go", "test", "-count=1", "-run", "TestExpectationIsUnmet", "./reports", status=1)
    assert said.startswith("--- FAIL"), said
    same(steady(said.split("FAIL\n")[0]), steady(shown("go-package-report")), "the report")


CHECKS = [generated, linted, staticcheck, units, installed, tests, broken_producer, reports, page, killed, refusals, lacking, places]


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
