"""aiokafka on a listener with TLS, under the contract of ../README.md."""
import asyncio
import ssl

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

import secured


def configuration(args):
    context = ssl.create_default_context(cafile=args.ca)
    if args.certificate:
        context.load_cert_chain(args.certificate)
    settings = {"bootstrap_servers": args.bootstrap, "security_protocol": args.protocol, "ssl_context": context}
    if args.mechanism:
        settings |= {"sasl_mechanism": args.mechanism, "sasl_plain_username": args.user, "sasl_plain_password": args.password}
    return settings


async def denied(topic, settings):
    """The errors of a producer and of a consumer in a group."""
    names = []
    try:
        async with AIOKafkaProducer(**settings) as producer:
            await producer.send_and_wait(topic, b"denied")
    except KafkaError as error:
        names.append(type(error).__name__)
    try:
        async with AIOKafkaConsumer(topic, group_id="shipping", **settings) as consumer:
            await consumer.getone()
    except KafkaError as error:
        names.append(type(error).__name__)
    secured.denials(names)


async def main():
    args = secured.arguments()
    settings = configuration(args)
    if args.command == "denied":
        await denied(args.topic, settings)
        return
    async with AIOKafkaProducer(**settings) as producer:
        for value in secured.VALUES:
            await producer.send_and_wait(args.topic, value, partition=0)
    async with AIOKafkaConsumer(**settings) as consumer:
        partition = TopicPartition(args.topic, 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        values = [(await consumer.getone()).value for _ in secured.VALUES]
    secured.done(values)


asyncio.run(asyncio.wait_for(main(), 2 * secured.PATIENCE_SECONDS))
