#!/usr/bin/env python3
"""What it costs to replace every member of a consumer group, one by one, and what transactions cost a producer, on Fauxka and on
Apache Kafka: see README.md.

Prints tables, and writes a timeline of each group to target/headline/.
"""
import argparse
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
import transaction_figures

PROTOCOLS = ("eager", "cooperative", "consumer")
TRANSACTIONS = "transactions"
# flag, default, what it is; these go to the members.
SETTINGS = [
    ("members", 24, "members of the group"),
    ("partitions", 24, "partitions of its topic"),
    ("replace", 24, "how many members are replaced, one by one"),
    ("session-ms", 45_000, "session time-out"),
    ("heartbeat-ms", 3_000, "heartbeat interval; librdkafka's default, KIP-848's is 5000"),
    # Long enough for heartbeats of others in between: without, KIP-848's figures depend on who is faster, see README.md.
    ("pause-ms", 500, "from a member's end to the start of its successor"),
    ("interval-ms", 100, "a record is sent to each partition this often"),
    ("work-ms", 1, "time that a member spends on each record"),
    ("rest-ms", 1_000, "from a settled group to the next replacement"),
]
DELAY = ("initial-delay-ms", 3_000, "group.initial.rebalance.delay.ms")
PRODUCER_SETTINGS = [
    ("commit-interval-ms", 100, "a transaction is committed this long after its begin"),
    ("rate", 500, "records a second, one by one"),
    ("seconds", 10, "for so long, idempotent and then transactional"),
]
GROUP_SECONDS = 1800


def of(options, flag):
    return getattr(options, flag.replace("-", "_"))


def flags(options, settings=(*SETTINGS, DELAY)):
    return ", ".join(f"--{flag} {of(options, flag)}" for flag, _, _ in settings)


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
            found["fauxka"] = stack.enter_context(fauxka.running(options.output / "fauxka.log", *words))
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


def produced(broker, bootstrap, options):
    """Figures of producers, by name."""
    argv = [*run.python("transaction_latency.py")(options.cache), "--bootstrap", bootstrap, "--topic", f"latency-{os.getpid()}",
            "--partitions", options.partitions]
    for flag, _, _ in PRODUCER_SETTINGS:
        argv += [f"--{flag}", of(options, flag)]
    with open(options.output / f"{broker}-{TRANSACTIONS}.log", "w") as log:
        printed = subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
                                 check=True, timeout=GROUP_SECONDS).stdout
    return transaction_figures.figures(json.loads(printed))


def formatted(value):
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.2f}"


def ratio(row):
    """Fauxka's figure by the oracle's."""
    ours, theirs = row.get("fauxka"), row.get("oracle")
    return ours / theirs if ours is not None and theirs else None


def table(results, names):
    """Lines of Markdown; `results` has figures by (what was run, broker)."""
    yield f"| | figure | {' | '.join(names)} | ratio |"
    yield "| --- | --- |" + " ---: |" * (len(names) + 1)
    for protocol in dict.fromkeys(protocol for protocol, _ in results):
        for figure in dict.fromkeys(figure for name in names for figure in results[protocol, name]):
            row = {name: results[protocol, name].get(figure) for name in names}
            yield f"| {protocol} | {figure} | {' | '.join(map(formatted, row.values()))} | {formatted(ratio(row))} |"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of {', '.join([*PROTOCOLS, TRANSACTIONS])}; all by default")
    parser.add_argument("--only", choices=["fauxka", "oracle"], help="one broker alone")
    for flag, default, what in [*SETTINGS, DELAY, *PRODUCER_SETTINGS]:
        parser.add_argument(f"--{flag}", type=int, default=default, help=f"{what}; {default} by default")
    parser.add_argument("--parallel", type=int, default=2,
                        help="how many groups at a time; 2 by default, the same protocol on both brokers")
    parser.add_argument("--cache", type=pathlib.Path, default=run.ROOT / "target" / "clients")
    parser.add_argument("--output", type=pathlib.Path, default=run.ROOT / "target" / "headline")
    options = parser.parse_args()
    if unknown := set(options.names) - {*PROTOCOLS, TRANSACTIONS}:
        parser.error(f"nothing named {', '.join(sorted(unknown))}")
    options.names = options.names or [*PROTOCOLS, TRANSACTIONS]
    return options


def replace_groups(found, options):
    """Figures by (protocol, broker); writes the timelines."""
    results = {}
    wanted = [(protocol, broker) for protocol in PROTOCOLS if protocol in options.names for broker in found]
    with concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        journals = pool.map(lambda one: replaced(one[1], found[one[1]], one[0], options), wanted)
        for (protocol, broker), journal in zip(wanted, journals):
            results[protocol, broker] = rolling.figures(journal, options.partitions)
            picture = rolling.svg(journal, options.partitions, f"{broker}, {protocol}", flags(options))
            (options.output / f"{broker}-{protocol}.svg").write_text(picture)
    return results


def main():
    options = arguments()
    for folder in (options.cache, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    options.cache = options.cache.resolve()
    toolchains.python(options.cache)
    with brokers(options) as found:
        groups = replace_groups(found, options)
        producers = {(TRANSACTIONS, broker): produced(broker, bootstrap, options)
                     for broker, bootstrap in found.items() if TRANSACTIONS in options.names}
    print(f"{datetime.date.today()}, {os.cpu_count()} cores")
    if groups:
        print(f"\n{flags(options)}, --parallel {options.parallel}\n", *table(groups, list(found)), sep="\n")
        print(f"timelines: {options.output}/*.svg")
    if producers:
        print(f"\n--partitions {options.partitions}, {flags(options, PRODUCER_SETTINGS)}\n", *table(producers, list(found)), sep="\n")


if __name__ == "__main__":
    main()
