"""confluent-kafka (librdkafka) on a listener with TLS, under the contract of ../README.md."""
import time

from confluent_kafka import Consumer, Producer, TopicPartition

import secured

# The password of the stores that `fauxka --tls` writes.
STORE_PASSWORD = "changeit"


def configuration(args):
    settings = {"bootstrap.servers": args.bootstrap, "security.protocol": args.protocol}
    if args.stores == "PEM":
        settings["ssl.ca.location"] = args.ca
        if args.certificate:
            settings |= {"ssl.certificate.location": args.certificate, "ssl.key.location": args.certificate}
    else:
        # It reads keys from PKCS#12, but nobody to trust.
        settings["ssl.ca.location"] = args.ca.replace("truststore.p12", "ca.pem")
        if args.certificate:
            settings |= {"ssl.keystore.location": args.certificate, "ssl.keystore.password": STORE_PASSWORD}
    if args.mechanism:
        settings |= {"sasl.mechanism": args.mechanism, "sasl.username": args.user, "sasl.password": args.password}
    return settings


def denied(topic, settings):
    """The errors of a producer and of a consumer in a group."""
    producer = Producer(settings)
    names = []
    producer.produce(topic, b"denied", on_delivery=lambda error, _: names.append(error.name()))
    producer.flush(secured.PATIENCE_SECONDS)
    consumer = Consumer({**settings, "group.id": "shipping"})
    consumer.subscribe([topic])
    message = consumer.poll(secured.PATIENCE_SECONDS)
    names.append(message.error().name())
    consumer.close()
    secured.denials(names)


def main():
    args = secured.arguments()
    settings = configuration(args)
    if args.command == "denied":
        denied(args.topic, settings)
        return
    producer = Producer({**settings, "message.timeout.ms": secured.PATIENCE_SECONDS * 1000})
    failed = []
    for value in secured.VALUES:
        producer.produce(args.topic, value, on_delivery=lambda error, _: error and failed.append(error))
    if producer.flush(2 * secured.PATIENCE_SECONDS) or failed:
        raise SystemExit(f"not delivered: {failed[:1]}")
    consumer = Consumer({**settings, "group.id": "none", "enable.auto.commit": False})
    consumer.assign([TopicPartition(args.topic, 0, 0)])
    values, deadline = [], time.monotonic() + secured.PATIENCE_SECONDS
    while len(values) < len(secured.VALUES) and time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            values.append(message.value())
    consumer.close()
    secured.done(values)


main()
