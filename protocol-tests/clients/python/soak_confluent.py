"""confluent-kafka (librdkafka) in the soak, under its contract in ../README.md."""
import contextlib
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

import soak_contract
from soak_contract import say

RECORDS_A_TRANSACTION = 500
POLL_SECONDS = 0.1


def load(args, told):
    producer = Producer({"bootstrap.servers": args.bootstrap, "client.id": args.name, "enable.idempotence": args.idempotent})

    def delivered(record):
        def report(error, message):
            say(*(("FAILED", record, error) if error else ("ACK", record, message.partition(), message.offset())))
        return report

    sent = 0
    while not told.stopping:
        if told.pausing:
            producer.flush()
            told.pause()
        key = f"{args.name}/{sent % args.keys}"
        record = f"{key}/{sent // args.keys}"
        producer.produce(args.topic, f"{record}/{'.' * args.padding}", key, on_delivery=delivered(record))
        sent += 1
        producer.poll(0)
        time.sleep(args.pause_ms / 1000)
    producer.flush()
    say("DONE")


def consumer_of(args):
    # With KIP-848 the broker alone says how long a session lasts.
    session = {"group.protocol": "consumer"} if args.mode == "consumer" else {"session.timeout.ms": args.session_ms}
    consumer = Consumer({"bootstrap.servers": args.bootstrap, "client.id": args.name, "group.id": args.group,
                         "auto.offset.reset": "earliest", "enable.auto.commit": False, **session})
    consumer.subscribe([args.input])
    return consumer


def transact(args, producer, consumer, records, aborts):
    producer.begin_transaction()
    failed = []
    for partition, value in soak_contract.copies(records, aborts):
        producer.produce(args.output, value, partition=partition, on_delivery=lambda error, _: error and failed.append(error))
    offsets = [TopicPartition(args.input, *pair) for pair in soak_contract.ends(records).items()]
    producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
    if aborts:
        producer.abort_transaction()
        for pair in soak_contract.starts(records).items():
            consumer.seek(TopicPartition(args.input, *pair))
    else:
        producer.commit_transaction()
    say("ABORTED" if aborts else "COMMITTED", len(records))


def copy_until_something_fails(args, told):
    producer = Producer({"bootstrap.servers": args.bootstrap, "client.id": args.name, "transactional.id": args.transactional_id,
                         "transaction.timeout.ms": args.transaction_ms})
    producer.init_transactions()
    with contextlib.closing(consumer_of(args)) as consumer:
        transactions = 0
        while not told.stopping:
            if told.pausing:
                told.pause()
            messages = [one for one in consumer.consume(RECORDS_A_TRANSACTION, POLL_SECONDS) if one.error() is None]
            if messages and not told.stopping:
                transactions += 1
                records = [(one.partition(), one.offset()) for one in messages]
                transact(args, producer, consumer, records, transactions % soak_contract.ABORTS_EVERY == 0)
                time.sleep(args.pause_ms / 1000)


def copy(args, told):
    while not told.stopping:
        try:
            copy_until_something_fails(args, told)
        except KafkaException as failure:
            # A new producer with the same id ends what this one left open.
            say("AGAIN", failure)
    say("DONE")


if __name__ == "__main__":
    parsed = soak_contract.arguments()
    {"load": load, "copy": copy}[parsed.command](parsed, soak_contract.Told())
