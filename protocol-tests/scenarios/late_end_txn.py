"""Late EndTxn hits the next transaction.

In production: a commit hangs in the network, the client sends it again over another connection, and goes on with the next
transaction. Then the first one arrives: with the same producer id and epoch it commits what is half done, and the abort that
follows comes too late. Brokers and clients with transactions of version 2 (KIP-890) are safe; this client has version 1.
Control: a rule swallows the first EndTxn before it is done. The scenario sends the same bytes as a copy that was late, once the next
transaction has records.
Promise: what the application aborted is not in the committed output.
"""
import pathlib
import struct
import sys

from confluent_kafka import KafkaException, Producer

from cluster import promise, prove

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "clients"))

import wire  # noqa: E402: for what no client sends

END_TXN = 26


def started(bootstrap):
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "billing-1", "socket.timeout.ms": 1_000})
    producer.init_transactions(20)
    return producer


def send(producer, value):
    producer.begin_transaction()
    producer.produce("bills", value)
    producer.flush(20)


def bill(bootstrap, between, after_resumed_commit):
    producer = started(bootstrap)
    send(producer, "1")
    resumed = False
    while True:
        try:
            producer.commit_transaction(0.5)
            break
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            resumed = True
    if resumed:
        producer = after_resumed_commit(producer)
    send(producer, "2, to be aborted")
    between()
    try:
        producer.abort_transaction(20)
    except KafkaException as error:
        print("not aborted:", error)


def buggy(bootstrap, between):
    bill(bootstrap, between, lambda producer: producer)


def fixed(bootstrap, between):
    """After a commit whose fate was open for a while it takes a new epoch, which fences whatever is still under way."""
    bill(bootstrap, between, lambda producer: started(bootstrap))


def scenario(cluster, application):
    swallowed = cluster.fault(api="EndTxn", nth=1, before_apply="swallow")

    def between():
        row, *_ = cluster.journal(api="EndTxn")
        late = wire.text("billing-1") + struct.pack(">qhb", row["producer_id"], row["producer_epoch"], True)
        with wire.connect(cluster.bootstrap) as sock:
            wire.call(sock, END_TXN, 1, late)

    cluster.start(application, cluster.bootstrap, between).done()
    assert swallowed.hits() == 1
    found = cluster.committed_values("bills")
    promise(found == ["1"], f"committed: {found}")


if __name__ == "__main__":
    prove(scenario, buggy, fixed, "--topic", "bills")
