#!/usr/bin/env python3
"""Unmodified clients that produce in transactions and send offsets in them: see README.md.

Without --bootstrap it starts the built broker, with --oracle Apache Kafka. Names pick clients; none means all of them.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

import fauxka
import oracle
import run
import toolchains
import wire

BLOCK = 10
INPUT_RECORDS = 3 * BLOCK
BROKER = ["group.initial.rebalance.delay.ms=0"]

# Each transaction in turn: the block of the input that it copies, with its offsets (None: records of its own), and its end.
Transaction = collections.namedtuple("Transaction", "block commits")
TRANSACTIONS = [Transaction(None, True), Transaction(None, False), Transaction(0, True), Transaction(1, False),
                Transaction(1, True), Transaction(2, False)]

Client = collections.namedtuple("Client", "name command")
CLIENTS = [
    Client("confluent-python", run.python("confluent_kafka_client.py")),
    Client("kafka-python", run.python("kafka_python_client.py")),
    Client("aiokafka", run.python("aiokafka_client.py")),
]


def produced(number, transaction):
    """The values that the transaction, counted from 1, sends."""
    if transaction.block is None:
        return [f"{number}:own-{at}" for at in range(BLOCK)]
    first = transaction.block * BLOCK
    return [f"{number}:in-{at}" for at in range(first, first + BLOCK)]


def expected(isolation):
    return [value for number, transaction in enumerate(TRANSACTIONS, 1) if transaction.commits or isolation == 0
            for value in produced(number, transaction)]


def check_values(bootstrap, topic):
    for isolation, word in enumerate(("read_uncommitted", "read_committed")):
        got, wanted = wire.values(bootstrap, topic, isolation), expected(isolation)
        if got != wanted:
            at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]), min(len(got), len(wanted)))
            raise AssertionError(f"{word}: {len(got)} records for {len(wanted)}, different from record {at}: {got[at:at + 3]}")


def transact(client, argv, bootstrap, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    name = f"{client.name}-{os.getpid()}-{time.time_ns() % 10**9}"
    source, target = f"{name}-input", f"{name}-output"
    with wire.connect(bootstrap) as sock:
        wire.create_topic(sock, source, 1)
        wire.create_topic(sock, target, 1)
        wire.produce(sock, source, {0: wire.batch([f"in-{at}".encode() for at in range(INPUT_RECORDS)])})
    run.run_program([*argv, "transactions", "--bootstrap", bootstrap, "--input", source, "--output", target,
                     "--group", name, "--transactional-id", name], folder / "stderr.log")
    check_values(bootstrap, target)
    with wire.connect(bootstrap) as sock:
        committed = wire.committed(sock, name, source, 1)
    last = max(transaction.block for transaction in TRANSACTIONS if transaction.commits and transaction.block is not None)
    assert committed == {0: (last + 1) * BLOCK}, f"the group has committed {committed}"


def verdict_of(client, argv, options):
    """Prints what became of it and returns whether it passed."""
    folder = options.cache / "transactions" / client.name
    for attempt in range(options.retries + 1):
        if attempt:
            print(f"AGAIN   {client.name}", flush=True)
        started = time.monotonic()
        try:
            transact(client, argv, options.bootstrap, folder)
            print(f"ok      {client.name} {time.monotonic() - started:.1f}s", flush=True)
            return True
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            print(f"FAILED  {client.name}: {error}; see {folder}{run.last_words(folder)}", flush=True)
    return False


def installed(chosen, options):
    """[(client, argv)], and the count of what could not be installed."""
    ready, count = [], collections.Counter()
    for client in CLIENTS:
        if client.name not in chosen and chosen:
            continue
        try:
            ready.append((client, client.command(options.cache)))
        except toolchains.Missing as missing:
            print(f"{missing.word} {client.name}: {missing}", flush=True)
            count[missing.verdict] += 1
    return ready, count


@contextlib.contextmanager
def broker(options):
    if options.bootstrap:
        yield options.bootstrap
    elif options.oracle:
        with oracle.running(BROKER) as bootstrap:
            yield bootstrap
    else:
        settings = [word for line in BROKER for word in ("--config", line)]
        with fauxka.running(options.cache / "fauxka-transactions.log", *settings) as bootstrap:
            yield bootstrap


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="clients to run, all of them by default")
    parser.add_argument("--bootstrap", help="HOST:PORT of a running broker")
    parser.add_argument("--oracle", action="store_true", help="start Apache Kafka")
    parser.add_argument("--parallel", type=int, default=2, help="how many clients at a time")
    parser.add_argument("--retries", type=int, default=0, help="how often what failed gets another try")
    parser.add_argument("--cache", type=pathlib.Path, default=run.ROOT / "target" / "clients")
    parser.add_argument("--list", action="store_true", help="print the names")
    options = parser.parse_args()
    unknown = set(options.names) - {client.name for client in CLIENTS}
    if unknown:
        parser.error(f"no client named {', '.join(sorted(unknown))}")
    if options.list:
        print("\n".join(client.name for client in CLIENTS))
        return
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    ready, count = installed(set(options.names), options)
    with broker(options) as options.bootstrap, concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        for passed in pool.map(lambda one: verdict_of(*one, options), ready):
            count["passed" if passed else "failed"] += 1
    print(f"transactions: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
