"""Has the broker break a promise, so that the rules are seen to notice: `--break` must fail."""
import contextlib
import json
import struct
import time

import audit
import clusters
import wire

SETTLED_SECONDS = 10
ROUNDS, ROUND_SECONDS = 30, 1
OPEN_FOR, LOOK_SECONDS = "500ms", 0.05
WRITE_TXN_MARKERS, WRITE_TXN_MARKERS_VERSION = 27, 1


def lost(stage):
    """A replica that lacks the last record of each partition leads."""
    for partition, end in stage.written["orders"].ends().items():
        stage.cluster.ask("POST", f"/v1/topics/orders/{partition}/leader", {"node": 2, "unclean": True, "end": end - 1})


def doubled(stage):
    """Answers to producers get lost, and the broker forgets the producers, whose sequences it then cannot tell from new ones."""
    with stage.cluster.rule(client_id=clusters.CLIENTS, api="Produce", probability=0.3, after_apply="disconnect"):
        for _ in range(ROUNDS):
            for partition in stage.written["orders"].records:
                stage.cluster.ask("POST", f"/v1/topics/orders/{partition}/expire-producer", {})
            time.sleep(ROUND_SECONDS)


def aborted(stage):
    """Nobody is told which transactions were aborted."""
    with stage.cluster.rule(api="Fetch", after_apply={"edit": {"responses.partitions.abortedTransactions": []}}):
        time.sleep(ROUNDS * ROUND_SECONDS)


def compact(items):
    return bytes([len(items) + 1]) + b"".join(items)


def committed_marker(transaction, topic, partitions):
    """The body of WriteTxnMarkers, with its header's tags, by which these partitions take a transaction to be committed."""
    name = compact([bytes([one]) for one in topic.encode()])
    topics = compact([name + compact([struct.pack(">i", one) for one in partitions]) + b"\0"])
    marker = struct.pack(">qhb", transaction["producer_id"], transaction["producer_epoch"], 1) + topics + struct.pack(">i", 0) + b"\0"
    return b"\0" + compact([marker]) + b"\0"


def show(stage, transaction):
    """Partitions are told that the open transaction is committed, and its coordinator is not."""
    with contextlib.closing(wire.connect(stage.cluster.bootstrap)) as sock:
        view = audit.view(sock, list(stage.copied))
    for topic, partition in (one.rsplit("-", 1) for one in transaction["partitions"]):
        if topic in stage.copied:
            leader = view.nodes[view.partitions[topic, int(partition)][0]]
            with contextlib.closing(wire.connect("{}:{}".format(*leader))) as sock:
                wire.call(sock, WRITE_TXN_MARKERS, WRITE_TXN_MARKERS_VERSION, committed_marker(transaction, topic, [int(partition)]))


def shown(stage):
    """Readers are shown open transactions, some of which abort later."""
    with stage.cluster.rule(client_id=clusters.CLIENTS, api="EndTxn", before_apply={"delay": OPEN_FOR}):
        deadline = time.monotonic() + ROUNDS * ROUND_SECONDS
        while time.monotonic() < deadline:
            for transaction in json.loads(stage.cluster.ask("GET", "/v1/transactions")):
                if transaction["state"] == "Ongoing":
                    show(stage, transaction)
            time.sleep(LOOK_SECONDS)


KINDS = {"lost": lost, "doubled": doubled, "aborted": aborted, "shown": shown}


def happen(stage, kind):
    time.sleep(SETTLED_SECONDS)
    KINDS[kind](stage)
    stage.wait_until_well()
