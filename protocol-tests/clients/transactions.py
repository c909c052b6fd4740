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
import signal
import subprocess
import sys
import threading
import time

import fauxka
import oracle
import run
import toolchains
import wire

BLOCK = 10
INPUT_RECORDS = 3 * BLOCK
BROKER = ["group.initial.rebalance.delay.ms=0"]
SESSION_MS = 6_000
LAST = "last"
ISOLATIONS = ("read_uncommitted", "read_committed")

# A transaction's values: the block of the input that it copies, None for records of its own; whether it commits.
Transaction = collections.namedtuple("Transaction", "block commits")
# The last of them is open when the program is killed.
KILLED = [Transaction(None, True), Transaction(None, False), Transaction(0, True), Transaction(1, False),
          Transaction(1, True), Transaction(2, False), Transaction(2, False)]
# The successor's own, and then each zombie's and that of who fences it.
ATTEMPTS = ("produce", "offsets", "commit")
SUCCESSOR = [Transaction(2, True), *[Transaction(None, commits) for _ in ATTEMPTS for commits in (False, True)]]

# What each zombie's attempt must meet, in the library's words. The coordinator fences by another error than a partition's leader.
def refusals(produce, coordinator=None):
    return {attempt: produce if attempt == "produce" else coordinator or produce for attempt in ATTEMPTS}


# `version`: 1 where all transactions of a producer have one epoch, 2 where each has its own (KIP-890).
# `reader`: the client of another library that reads what it sent.
Client = collections.namedtuple("Client", "name command version reader refusals")
CLIENTS = [
    Client("java", run.java("TransactionalClient"), 2, "franz-go",
           refusals("InvalidProducerEpochException", "ProducerFencedException")),
    Client("java-3", run.java("TransactionalClient", "jars-3"), 1, "sarama",
           refusals("InvalidProducerEpochException", "ProducerFencedException")),
    Client("confluent-python", run.python("confluent_kafka_client.py"), 1, "java", refusals("_FENCED")),
    Client("kafka-python", run.python("kafka_python_client.py"), 1, "aiokafka",
           refusals("InvalidProducerEpochError", "ProducerFencedError")),
    Client("franz-go", run.go("franz-go"), 2, "kafka-python",
           refusals("INVALID_PRODUCER_EPOCH: Producer attempted an operation with an old epoch.",
                    "PRODUCER_FENCED: There is a newer producer with the same transactionalId which fences the current one.")),
    # It has no name for PRODUCER_FENCED.
    Client("sarama", run.go("sarama"), 1, "franz-go",
           refusals("kafka server: Producer attempted an operation with an old epoch",
                    "Unknown error, how did this happen? Error code = 90")),
    Client("kafkajs", run.node("kafkajs"), 1, "confluent-javascript",
           refusals("Producer attempted an operation with an old epoch. Either there is a newer producer with the same "
                    "transactionalId, or the producer's transaction has been expired by the broker")),
    Client("confluent-javascript", run.node("confluent"), 1, "kafkajs",
           {"produce": "Broker: Producer attempted an operation with an old epoch",
            "offsets": "Failed to add offsets to transaction: Local: This instance has been fenced by a newer instance",
            "commit": "Failed to end transaction: Local: This instance has been fenced by a newer instance"}),
    Client("aiokafka", run.python("aiokafka_client.py"), 1, "java-3", refusals("ProducerFenced")),
]


def produced(number, transaction):
    """The values that the transaction, counted from 1, sends."""
    if transaction.block is None:
        return [f"{number}:own-{at}" for at in range(BLOCK)]
    first = transaction.block * BLOCK
    return [f"{number}:in-{at}" for at in range(first, first + BLOCK)]


def expected(transactions, isolation):
    return [value for number, transaction in enumerate(transactions, 1) if transaction.commits or isolation == 0
            for value in produced(number, transaction)]


def committed(transactions):
    """The offset that the group must have committed."""
    return (1 + max(transaction.block for transaction in transactions if transaction.commits and transaction.block is not None)) * BLOCK


def compare(who, isolation, got, wanted):
    if got != wanted:
        at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]), min(len(got), len(wanted)))
        raise AssertionError(f"{who}, {ISOLATIONS[isolation]}: {len(got)} records for {len(wanted)}, "
                             f"different from record {at}: {got[at:at + 3]}")


class Run:
    """One client's transactions, the files of its programs, and the topics and the group."""

    def __init__(self, client, commands, bootstrap, folder):
        self.client, self.commands, self.bootstrap, self.folder = client, commands, bootstrap, folder
        self.group = f"{client.name}-{os.getpid()}-{time.time_ns() % 10**9}"
        self.input, self.output = f"{self.group}-input", f"{self.group}-output"

    def argv(self, command):
        return list(map(str, [*self.commands[self.client.name], command, "--bootstrap", self.bootstrap, "--input", self.input,
                              "--output", self.output, "--group", self.group, "--transactional-id", self.group,
                              "--session-ms", SESSION_MS]))

    def prepare(self):
        with wire.connect(self.bootstrap) as sock:
            wire.create_topic(sock, self.input, 1)
            wire.create_topic(sock, self.output, 1)
            wire.produce(sock, self.input, {0: wire.batch([f"in-{at}".encode() for at in range(INPUT_RECORDS)])})

    def check(self, transactions):
        for isolation in range(len(ISOLATIONS)):
            compare("the log", isolation, wire.values(self.bootstrap, self.output, isolation), expected(transactions, isolation))
        with wire.connect(self.bootstrap) as sock:
            found = wire.committed(sock, self.group, self.input, 1)
        assert found == {0: committed(transactions)}, f"the group has committed {found}, not {committed(transactions)}"

    def crash(self):
        """Kills the program while its last transaction is open."""
        with open(self.folder / "stderr.log", "w") as errors:
            process = subprocess.Popen(self.argv("transactions"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                       text=True, start_new_session=True)
            watchdog = threading.Timer(run.PROGRAM_SECONDS, os.killpg, [process.pid, signal.SIGKILL])
            watchdog.start()
            try:
                said = process.stdout.readline()
            finally:
                watchdog.cancel()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert said == "OPEN\n", f"it said {said!r} before it ended"

    def check_version(self):
        epochs = len(wire.producer_epochs(self.bootstrap, self.output))
        wanted = len(KILLED) if self.client.version == 2 else 1
        assert epochs == wanted, f"{epochs} epochs in {len(KILLED)} transactions, not {wanted}"

    def succeed(self):
        """Its successor goes on, and is a zombie itself."""
        printed = run.run_program(self.argv("successor"), self.folder / "stderr.log")
        lines = [line.split(maxsplit=2) for line in printed.splitlines() if line.startswith(("REFUSED ", "ALLOWED "))]
        met = {attempt: " ".join(error) or verdict for verdict, attempt, *error in lines}
        assert met == self.client.refusals, f"the zombies met {met}, not {self.client.refusals}"

    def read(self):
        """The library of another client reads it all."""
        with wire.connect(self.bootstrap) as sock:
            wire.produce(sock, self.output, {0: wire.batch([LAST.encode()])})
        for isolation, word in enumerate(ISOLATIONS):
            argv = [*self.commands[self.client.reader], "read", "--bootstrap", self.bootstrap, "--topic", self.output, "--isolation", word]
            got = run.run_program(argv, self.folder / "stderr.log").splitlines()
            compare(self.client.reader, isolation, got, [*expected(KILLED + SUCCESSOR, isolation), LAST])


def transact(client, commands, bootstrap, folder):
    """What there is to say about a run in which all was right."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    one = Run(client, commands, bootstrap, folder)
    one.prepare()
    one.crash()
    one.check(KILLED)
    one.check_version()
    one.succeed()
    one.check(KILLED + SUCCESSOR)
    one.read()
    return f"version {client.version}, read by {client.reader}; zombies met {', '.join(dict.fromkeys(client.refusals.values()))}"


def verdict_of(client, commands, options):
    """Prints what became of it and returns whether it passed."""
    folder = options.cache / "transactions" / client.name
    for attempt in range(options.retries + 1):
        if attempt:
            print(f"AGAIN   {client.name}", flush=True)
        started = time.monotonic()
        try:
            told = transact(client, commands, options.bootstrap, folder)
            print(f"ok      {client.name} {time.monotonic() - started:.1f}s: {told}", flush=True)
            return True
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            print(f"FAILED  {client.name}: {error}; see {folder}{run.last_words(folder)}", flush=True)
    return False


def installed(chosen, options):
    """The chosen clients that are there with their readers, the commands of all these, and the count of what is not there."""
    ready, commands, count = [], {}, collections.Counter()
    by_name = {client.name: client for client in CLIENTS}
    for client in CLIENTS:
        if client.name not in chosen and chosen:
            continue
        try:
            for name in (client.name, client.reader):
                commands[name] = commands.get(name) or by_name[name].command(options.cache)
            ready.append(client)
        except toolchains.Missing as missing:
            print(f"{missing.word} {client.name}: {missing}", flush=True)
            count[missing.verdict] += 1
    return ready, commands, count


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
    parser.add_argument("--parallel", type=int, default=3, help="how many clients at a time")
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
    ready, commands, count = installed(set(options.names), options)
    with broker(options) as options.bootstrap, concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
        for passed in pool.map(lambda client: verdict_of(client, commands, options), ready):
            count["passed" if passed else "failed"] += 1
    print(f"transactions: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
