"""Has the broker break a promise, so that the rules are seen to notice: `--break` must fail."""
import time

import clusters

SETTLED_SECONDS = 10
ROUNDS, ROUND_SECONDS = 30, 1


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


KINDS = {"lost": lost, "doubled": doubled, "aborted": aborted}


def happen(stage, kind):
    time.sleep(SETTLED_SECONDS)
    KINDS[kind](stage)
    stage.wait_until_well()
