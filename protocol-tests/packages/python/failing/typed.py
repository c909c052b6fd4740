"""What a type checker must find: each line with `type: ignore` is wrong, and mypy says so if one is not."""
from typing import List

from fauxka import AsyncCluster, Cluster, types


def right(cluster: Cluster) -> List[str]:
    rule = cluster.fault(api=["Produce", "Fetch"], topic="orders", before={"error": "NOT_COORDINATOR"}, expect={"at_least": 1})
    cluster.fault(api="Produce", after=["pass", {"delay": {"for": "1s", "jitter": "10ms"}}, "disconnect"])
    rows: List[types.Row] = cluster.journal.expect(api="Produce", kind="request", count=2)
    cluster.reset(only=["topics", "faults"])
    return [f"{rule.wait()['hits']}", *(row["api"] for row in rows if row["kind"] == "request")]


async def asynchronous(cluster: AsyncCluster) -> int:
    view: types.TopicView = await cluster.topics.create("orders", partitions=3)
    return len(view["partitions"])


def wrong(cluster: Cluster) -> None:
    cluster.fault(api="Produced")  # type: ignore[arg-type]
    cluster.fault(api="Produce", before={"error": "NO_SUCH_ERROR"})  # type: ignore[arg-type]
    cluster.fault(api="Produce", after="disconect")  # type: ignore[arg-type]
    cluster.journal.rows(topics="orders")  # type: ignore[call-arg]
    cluster.reset(only=["topic"])  # type: ignore[list-item]
    Cluster(node=3)  # type: ignore[call-arg]
    cluster.control.get_clock()["now"]  # type: ignore[typeddict-item]
