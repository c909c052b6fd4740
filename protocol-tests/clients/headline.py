#!/usr/bin/env python3
"""What it costs to replace every member of a consumer group, one by one, on Fauxka and on Apache Kafka: see README.md.

Prints a table for each protocol, and writes a timeline of each group to target/headline/.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

import fauxka
import oracle
import rolling
import run
import toolchains

PROTOCOLS = ("eager", "cooperative", "consumer")
# flag, default, what it is; all of them go to the members, but for the last.
SETTINGS = [
    ("members", 24, "members of the group"),
    ("partitions", 24, "partitions of its topic"),
    ("replace", 24, "how many members are replaced, one by one"),
    ("session-ms", 45_000, "session time-out"),
    ("heartbeat-ms", 3_000, "heartbeat interval; librdkafka's default, KIP-848's is 5000"),
    ("interval-ms", 100, "a record is sent to each partition this often"),
    ("work-ms", 1, "time that a member spends on each record"),
    ("rest-ms", 1_000, "from a settled group to the next replacement"),
]
DELAY = ("initial-delay-ms", 3_000, "group.initial.rebalance.delay.ms")
GROUP_SECONDS = 1800
RELEASE = run.ROOT / "target" / "release" / "fauxka"


def of(options, flag):
    return getattr(options, flag.replace("-", "_"))


def flags(options):
    return ", ".join(f"--{flag} {of(options, flag)}" for flag, _, _ in [*SETTINGS, DELAY])


def broker_settings(options):
    """With KIP-848 the broker says how long sessions and heartbeats are, within bounds that are settings, too."""
    session, heartbeat = options.session_ms, options.heartbeat_ms
    return [f"group.initial.rebalance.delay.ms={options.initial_delay_ms}", f"group.min.session.timeout.ms={min(session, 6_000)}",
            f"group.consumer.min.session.timeout.ms={min(session, 45_000)}", f"group.consumer.session.timeout.ms={session}",
            f"group.consumer.min.heartbeat.interval.ms={min(heartbeat, 5_000)}",
            f"group.consumer.heartbeat.interval.ms={heartbeat}"]


@contextlib.contextmanager
def brokers(options):
    """name: bootstrap address, of the brokers that are asked for."""
    settings, found = broker_settings(options), {}
    with contextlib.ExitStack() as stack:
        if options.only != "oracle":
            words = [word for line in settings for word in ("--config", line)]
            found["fauxka"] = stack.enter_context(fauxka.running(options.output / "fauxka.log", *words, program=RELEASE))
        if options.only != "fauxka":
            found["oracle"] = stack.enter_context(oracle.running(settings))
        yield found


def replaced(broker, bootstrap, protocol, options):
    """The journal of a group all of whose members were replaced."""
    name = f"{broker}-{protocol}"
    journal = options.output / f"{name}.json"
    argv = [*run.python("rolling_members.py")(options.cache), "--bootstrap", bootstrap, "--protocol", protocol, "--output", journal,
            "--topic", f"rolling-{protocol}-{os.getpid()}"]
    for flag, _, _ in SETTINGS:
        argv += [f"--{flag}", of(options, flag)]
    started = time.monotonic()
    with open(options.output / f"{name}.log", "w") as log:
        subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, timeout=GROUP_SECONDS)
    print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return json.loads(journal.read_text())


def formatted(value):
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.2f}"


def ratio(row):
    """Fauxka's figure by the oracle's."""
    if row.keys() < {"fauxka", "oracle"} or not row["oracle"]:
        return None
    return row["fauxka"] / row["oracle"]


def table(results, names):
    """Lines of Markdown; `results` has figures by (protocol, broker)."""
    yield f"| group | figure | {' | '.join(names)} | ratio |"
    yield "| --- | --- |" + " --- |" * (len(names) + 1)
    for protocol in dict.fromkeys(protocol for protocol, _ in results):
        for figure in results[protocol, names[0]]:
            row = {name: results[protocol, name][figure] for name in names}
            yield f"| {protocol} | {figure} | {' | '.join(map(formatted, row.values()))} | {formatted(ratio(row))} |"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="*", help=f"some of {', '.join(PROTOCOLS)}; all by default")
    parser.add_argument("--only", choices=["fauxka", "oracle"], help="one broker alone")
    for flag, default, what in [*SETTINGS, DELAY]:
        parser.add_argument(f"--{flag}", type=int, default=default, help=f"{what}; {default} by default")
    parser.add_argument("--parallel", type=int, default=2,
                        help="how many groups at a time; 2 by default, the same protocol on both brokers")
    parser.add_argument("--cache", type=pathlib.Path, default=run.ROOT / "target" / "clients")
    parser.add_argument("--output", type=pathlib.Path, default=run.ROOT / "target" / "headline")
    options = parser.parse_args()
    if unknown := set(options.protocols) - set(PROTOCOLS):
        parser.error(f"no protocol named {', '.join(sorted(unknown))}")
    options.protocols = options.protocols or PROTOCOLS
    return options


def main():
    options = arguments()
    for folder in (options.cache, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    options.cache, results = options.cache.resolve(), collections.OrderedDict()
    toolchains.python(options.cache)
    with brokers(options) as found, concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        wanted = [(protocol, broker) for protocol in options.protocols for broker in found]
        journals = pool.map(lambda one: replaced(one[1], found[one[1]], one[0], options), wanted)
        for (protocol, broker), journal in zip(wanted, journals):
            results[protocol, broker] = rolling.figures(journal, options.partitions)
            picture = rolling.svg(journal, options.partitions, f"{broker}, {protocol}", flags(options))
            (options.output / f"{broker}-{protocol}.svg").write_text(picture)
    print(f"{datetime.date.today()}, {os.cpu_count()} cores; {flags(options)}, --parallel {options.parallel}")
    print("\n".join(table(results, list(found))))
    print(f"timelines: {options.output}/*.svg")


if __name__ == "__main__":
    main()
