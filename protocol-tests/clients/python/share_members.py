"""confluent-kafka's share consumer (librdkafka): members of share groups, in threads of one process, under the contract of ../README.md."""
import os
import sys
import threading

from confluent_kafka import AcknowledgeType, ShareConsumer


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Member(threading.Thread):
    def __init__(self, bootstrap, name, topic, group, mode):
        super().__init__(name=name)
        self.topic, self.mode = topic, mode
        self.leaving, self.finishing = threading.Event(), threading.Event()
        self.configuration = {"bootstrap.servers": bootstrap, "client.id": name, "group.id": group,
                              "share.acknowledgement.mode": "implicit" if mode == "implicit" else "explicit"}
        self.start()

    def leave(self):
        self.leaving.set()
        self.finishing.set()

    def run(self):
        with ShareConsumer(self.configuration) as consumer:
            consumer.subscribe([self.topic])
            while not self.leaving.is_set():
                self.take(consumer, list(consumer.poll(0.1)))
        say(self.name, "LEFT")

    def take(self, consumer, messages):
        for message in messages:
            if message.error():
                print(self.name, message.error(), file=sys.stderr, flush=True)
        messages = [message for message in messages if not message.error()]
        for message in messages:
            say(self.name, "GOT", message.partition(), message.offset(), message.delivery_count(), message.value().decode())
        if not messages or self.mode == "implicit":
            return
        if self.mode == "hold":
            self.finishing.wait()
        for message in messages:
            consumer.acknowledge(message, verdict(message))
        for partition, error in consumer.commit_sync().items():
            say(self.name, "ACKNOWLEDGED", partition.partition, error.args[0].name() if error else "NONE")


def verdict(message):
    """What a record's value asks for."""
    if message.value().startswith(b"reject"):
        return AcknowledgeType.REJECT
    is_released = message.value().startswith(b"release") and message.delivery_count() == 1
    return AcknowledgeType.RELEASE if is_released else AcknowledgeType.ACCEPT


def main():
    command, flag, bootstrap = sys.argv[1:]
    assert (command, flag) == ("share", "--bootstrap")
    members = {}
    for line in sys.stdin:
        verb, name, *rest = line.split()
        if verb == "JOIN":
            members[name] = Member(bootstrap, name, *rest)
        elif verb == "FINISH":
            members[name].finishing.set()
        else:
            members[name].leave()
    for member in members.values():
        member.leave()
        member.join()


main()
