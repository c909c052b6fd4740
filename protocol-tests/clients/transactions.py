#!/usr/bin/env python3
"""Unmodified clients that produce in transactions and send offsets in them: see README.md.

Without --bootstrap it starts the built broker, with --oracle Apache Kafka. Names pick clients; none means all of them.
"""
import collections
import functools

import cases
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


def scenario(client, commands, options, folder):
    """What there is to say about a run that kept the rules."""
    kind = transaction_runs.KcatRun if client.name == "kcat" else transaction_runs.Run
    return kind(client, commands, options.bootstrap, folder).go()


def installed(chosen, options):
    """{name: case} of the chosen clients that are there with their readers, and the count of what is not there."""
    ready, commands, count = {}, {}, collections.Counter()
    by_name = {client.name: client for client in CLIENTS}
    for client in CLIENTS:
        if client.name not in chosen and chosen:
            continue
        try:
            for name in (client.name, client.reader):
                commands[name] = commands.get(name) or by_name[name].command(options.cache)
            ready[client.name] = functools.partial(scenario, client, commands, options)
        except toolchains.Missing as missing:
            cases.lacks(client.name, missing, count)
    return ready, count


def main():
    options = cases.parsed(cases.arguments(__doc__, "clients to run"), "client", [client.name for client in CLIENTS])
    ready, count = installed(set(options.names), options)
    cases.run_all("transactions", ready, count, options, BROKER)


if __name__ == "__main__":
    main()
