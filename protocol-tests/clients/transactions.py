#!/usr/bin/env python3
"""Unmodified clients that produce in transactions and send offsets in them: see README.md.

Without --bootstrap it starts the built broker, with --oracle Apache Kafka. Names pick clients; none means all of them.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import pathlib
import shutil
import subprocess
import sys
import time

import fauxka
import oracle
import run
import toolchains
import transaction_runs

# With KIP-848 the broker says how long a session lasts; its least is 45 seconds by default.
BROKER = ["group.initial.rebalance.delay.ms=0", "group.consumer.min.session.timeout.ms=6000",
          "group.consumer.session.timeout.ms=6000", "group.consumer.min.heartbeat.interval.ms=2000",
          "group.consumer.heartbeat.interval.ms=2000"]


# What each zombie's attempt must meet, in the library's words. The coordinator fences by another error than a partition's leader.
def refusals(produce, coordinator=None):
    return {attempt: produce if attempt == "produce" else coordinator or produce for attempt in transaction_runs.ATTEMPTS}


def kcat(cache):
    toolchains.kcat(cache)
    return [run.HERE / "kcat" / "read.sh"]


# `version`: 1 where all transactions of a producer have one epoch, 2 where each has its own (KIP-890).
# `reader`: the client of another library that reads what it sent. `options`: what its programs are told beside the rest.
Client = collections.namedtuple("Client", "name command version reader refusals options", defaults=[()])
KIP_848 = ("--group-protocol", "consumer")
JAVA = run.java("TransactionalClient")
JAVA_REFUSALS = refusals("InvalidProducerEpochException", "ProducerFencedException")
FRANZ_GO_REFUSALS = refusals(
    "INVALID_PRODUCER_EPOCH: Producer attempted an operation with an old epoch.",
    "PRODUCER_FENCED: There is a newer producer with the same transactionalId which fences the current one.")
CLIENTS = [
    Client("java", JAVA, 2, "franz-go", JAVA_REFUSALS),
    Client("java-consumer", JAVA, 2, "kafka-python", JAVA_REFUSALS, KIP_848),
    Client("java-3", run.java("TransactionalClient", "jars-3"), 1, "sarama", JAVA_REFUSALS),
    Client("confluent-python", run.python("confluent_kafka_client.py"), 1, "java", refusals("_FENCED")),
    Client("confluent-python-consumer", run.python("confluent_kafka_client.py"), 1, "sarama", refusals("_FENCED"), KIP_848),
    Client("kafka-python", run.python("kafka_python_client.py"), 1, "confluent-javascript",
           refusals("InvalidProducerEpochError", "ProducerFencedError")),
    Client("aiokafka", run.python("aiokafka_client.py"), 1, "java-3", refusals("ProducerFenced")),
    Client("franz-go", run.go("franz-go"), 2, "kcat", FRANZ_GO_REFUSALS),
    Client("franz-go-consumer", run.go("franz-go"), 2, "kcat", FRANZ_GO_REFUSALS, KIP_848),
    # It has no name for PRODUCER_FENCED.
    Client("sarama", run.go("sarama"), 1, "confluent-python",
           refusals("kafka server: Producer attempted an operation with an old epoch",
                    "Unknown error, how did this happen? Error code = 90")),
    Client("kafkajs", run.node("kafkajs"), 1, "rdkafka",
           refusals("Producer attempted an operation with an old epoch. Either there is a newer producer with the same "
                    "transactionalId, or the producer's transaction has been expired by the broker")),
    Client("confluent-javascript", run.node("confluent"), 1, "kafkajs",
           {"produce": "Broker: Producer attempted an operation with an old epoch",
            "offsets": "Failed to add offsets to transaction: Local: This instance has been fenced by a newer instance",
            "commit": "Failed to end transaction: Local: This instance has been fenced by a newer instance"}),
    Client("rdkafka", run.rust("rdkafka"), 1, "aiokafka", refusals("InvalidProducerEpoch", "Fenced")),
    Client("kcat", kcat, 1, "kafka-python", {"commit": "Local: This instance has been fenced by a newer instance"}),
]


def verdict_of(client, commands, options):
    """Prints what became of it and returns whether it passed."""
    folder = options.cache / "transactions" / client.name
    for attempt in range(options.retries + 1):
        if attempt:
            print(f"AGAIN   {client.name}", flush=True)
        started = time.monotonic()
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            kind = transaction_runs.KcatRun if client.name == "kcat" else transaction_runs.Run
            told = kind(client, commands, options.bootstrap, folder).go()
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
