#!/usr/bin/env python3
"""Runs the integration tests that Kafka client libraries publish inside their Go modules: see README.md."""
import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "clients"))

import fauxka  # noqa: E402
import toolchains  # noqa: E402

SUITE_SECONDS = 1200
AREAS = ["core", "groups", "transactions", "share", "security", "unit"]
RESULT = re.compile(r"^ *--- (PASS|FAIL|SKIP): (\S+) \(([\d.]+)s\)$", re.M)

# module and version; folder and flags of its test binary; `patch(folder)` makes it take the broker's address from
# SUITE_BOOTSTRAP; environment; whether each test needs a process of its own, because some panic when a request fails.
Suite = collections.namedtuple("Suite", "module package flags patch environment apart")


def edit(path, *changes):
    text = path.read_text()
    for pattern, replacement in changes:
        text = re.sub(pattern, replacement, text)
    path.write_text(text)


def patch_kafka_go(folder):
    for path in folder.glob("*_test.go"):
        if path.name != "address_test.go" and not path.name.startswith("example_"):
            edit(path, (r'"localhost:9092"', "suiteBootstrap"), (r'TCP\("localhost"\)', "TCP(suiteBootstrap)"),
                 (r"const (broker = suite|\(\s+tcp +=[^)]*suite)", r"var \1"))
    (folder / "suite_test.go").write_text(
        'package kafka\n\nimport "os"\n\nvar suiteBootstrap = os.Getenv("SUITE_BOOTSTRAP")\n')


def patch_sarama(folder):
    """Upstream starts containers and a proxy before its tests; here the broker is there already."""
    main = folder / "functional_test.go"
    text = main.read_text()
    for start, end, body in (
        ("func setupToxiProxies(", "func prepareDockerTestEnvironment(",
         "func setupToxiProxies(env *testEnvironment, endpoint string) error {\n"
         "\tenv.ToxiproxyClient = toxiproxy.NewClient(endpoint)\n"
         "\tenv.Proxies = map[string]*toxiproxy.Proxy{}\n"
         '\tenv.KafkaBrokerAddrs = strings.Split(os.Getenv("SUITE_BOOTSTRAP"), ",")\n'
         "\treturn nil\n}\n\n"),
        ("func resetProxies(", "func SaveProxy(", "func resetProxies(t testing.TB) {}\n\n"),
    ):
        at = text.index(start)
        text = text[:at] + body + text[text.index(end, at):]
    main.write_text(text)
    for path in folder.glob("functional_*test.go"):
        # One broker; and no proxy that adds ten milliseconds, for which a metric is checked.
        edit(path, (r"ReplicationFactor:(\s*)3\b", r"ReplicationFactor:\g<1>1"),
             (r"minRequestLatencyInMs(\s*:?=\s*)10\b", r"minRequestLatencyInMs\g<1>0"))


SUITES = {
    "kafka-go": Suite("github.com/segmentio/kafka-go@v0.4.51", ".", [], patch_kafka_go,
                      {"KAFKA_VERSION": "4.0.0", "KAFKA_SKIP_NETTEST": "1"}, True),
    "sarama": Suite("github.com/IBM/sarama@v1.61.1", ".", ["-tags", "functional"], patch_sarama,
                    {"KAFKA_VERSION": "4.0.0", "TOXIPROXY_ADDR": "http://127.0.0.1:1"}, False),
    "kgo": Suite("github.com/twmb/franz-go@v1.22.2", "pkg/kgo", [], lambda folder: None,
                 {"KGO_TEST_RF": "1", "KGO_LOG_LEVEL": "none"}, False),
}


def built(suite, name, cache):
    """The suite's test binary, in a patched copy of the module as the Go proxy serves it."""
    toolchains.need("go")

    def build(folder, log):
        download = subprocess.run(["go", "mod", "download", "-json", suite.module], cwd=cache, check=True, timeout=600,
                                  stdout=subprocess.PIPE)
        shutil.rmtree(folder)
        shutil.copytree(json.loads(download.stdout)["Dir"], folder, copy_function=shutil.copyfile)
        for path in [folder, *folder.rglob("*/")]:
            path.chmod(0o755)
        suite.patch(folder)
        toolchains.run(["go", "test", "-mod=mod", *suite.flags, "-c", "-o", folder / "suite.test", "."], log,
                       folder / suite.package)

    return toolchains.prepared(cache, f"suite-{name}", [HERE / "run.py"], build)


def allowed(name, areas):
    """The tests that passed against Apache Kafka, of these areas."""
    rows = [line.split() for line in (HERE / f"{name}.allow").read_text().splitlines() if line and line[0] != "#"]
    return [test for area, test in rows if area in areas]


def pattern_of(top, tests, all_allowed):
    """What selects a test; where some of its parts fail against Apache Kafka too, and may end the process, the other parts alone."""
    if top in all_allowed:
        return f"^{top}$"
    parts = sorted({re.escape(test.split("/")[1]) for test in tests if test.startswith(f"{top}/")})
    return f"^{top}$/^({'|'.join(parts)})$"


def run_suite(suite, name, tests, options):
    folder = built(suite, name, options.cache)
    binary, work = folder / "suite.test", folder / suite.package
    top = sorted({test.split("/")[0] for test in tests})
    environment = {**os.environ, **suite.environment, "SUITE_BOOTSTRAP": options.bootstrap, "KGO_SEEDS": options.bootstrap}
    runs = [(pattern_of(test, tests, allowed(name, AREAS)), 60) for test in top] if suite.apart else [(f"^({'|'.join(top)})$", SUITE_SECONDS - 10)]
    output = options.cache / f"suite-{name}-output.log"
    with open(output, "w") as log:
        for pattern, seconds in runs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run([binary, "-test.v", f"-test.timeout={seconds}s", f"-test.run={pattern}"], cwd=work,
                               env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=seconds + 10)
    return {test: verdict for verdict, test, _ in RESULT.findall(output.read_text(errors="replace"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[], help=f"suites: {', '.join(SUITES)}")
    parser.add_argument("--bootstrap", help="HOST:PORT of a running broker; without it the built one is started")
    parser.add_argument("--areas", type=lambda text: text.split(","), default=AREAS[:3],
                        help=",".join(AREAS))
    parser.add_argument("--run", help="only tests whose name holds this regular expression")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "clients")
    options = parser.parse_args()
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    count = collections.Counter()
    with contextlib.ExitStack() as stack:
        if not options.bootstrap:
            # Kafka's default: kafka-go's tests join before their topics are there, and count on the wait.
            delay = ("--config", "group.initial.rebalance.delay.ms=3000")
            options.bootstrap = stack.enter_context(fauxka.running(options.cache / "fauxka-suites.log", *delay))
        for name in options.names or SUITES:
            tests = [test for test in allowed(name, options.areas) if re.search(options.run or "", test)]
            try:
                results = run_suite(SUITES[name], name, tests, options) if tests else {}
            except subprocess.CalledProcessError as broken:
                print(f"FAILED  {name}: {broken}")
                results = {}
            except toolchains.Missing as missing:
                print(f"{missing.word} {name}: {missing}")
                count[missing.verdict] += len(tests)
                continue
            for test in tests:
                verdict = results.get(test, "MISSING")
                count["passed" if verdict == "PASS" else "failed"] += 1
                if verdict != "PASS":
                    print(f"{verdict:7} {name} {test}")
            print(f"{name}: {len(tests)} tests, {sum(results.get(test) == 'PASS' for test in tests)} passed", flush=True)
    print(f"suites: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
