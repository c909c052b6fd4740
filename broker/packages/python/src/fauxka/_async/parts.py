"""The clock, topics, groups, nodes, transactions and snapshots of a cluster."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import List, Optional

from .. import types
from .._encoding import Duration, duration
from .control import AsyncControl


class AsyncPart:
    def __init__(self, control: AsyncControl) -> None:
        self._control = control


class AsyncClock(AsyncPart):
    """The cluster's clock. Only a manual one can be moved: start the cluster with clock="manual"."""

    async def show(self) -> types.ClockView:
        """What time it is, and what is due."""
        return await self._control.get_clock()

    async def advance(self, by: Duration, *, silent: Sequence[str] = ()) -> types.Advanced:
        """Moves the clock, and returns when all that was due has happened.

        Connected members of groups keep their sessions, but for those clients whose ids match `silent`: they send no heartbeats meanwhile.
        """
        return await self._control.advance_clock({"by": duration(by), "silent": list(silent)})

    async def advance_to_next(self, *, silent: Sequence[str] = ()) -> types.Advanced:
        """Moves the clock to the moment at which something is due."""
        return await self._control.advance_clock({"to": "next", "silent": list(silent)})


class AsyncTopics(AsyncPart):
    """The topics."""

    async def create(
        self,
        name: str,
        *,
        partitions: Optional[int] = None,
        replication: Optional[int] = None,
        configs: Optional[Mapping[str, str]] = None,
    ) -> types.TopicView:
        """Creates a topic, as an admin client would."""
        return await self._control.create_topic(
            {"name": name, "partitions": partitions, "replication": replication, "configs": dict(configs or {})}
        )

    async def list(self) -> List[types.TopicView]:
        return await self._control.list_topics()

    async def show(self, topic: str) -> types.TopicView:
        """The topic with its partitions: their leaders, replicas and offsets."""
        return await self._control.get_topic(topic)

    async def delete(self, topic: str) -> None:
        await self._control.delete_topic(topic)

    async def alter(
        self, topic: str, *, partitions: Optional[int] = None, configs: Optional[Mapping[str, Optional[str]]] = None
    ) -> types.TopicView:
        """Adds partitions up to the new number, and changes settings; None sets one back to its default."""
        return await self._control.alter_topic(topic, {"partitions": partitions, "configs": dict(configs or {})})

    async def move_leader(self, topic: str, partition: int, node: int) -> None:
        """Has another node lead the partition."""
        await self._control.move_leader(topic, partition, {"node": node})


class AsyncGroups(AsyncPart):
    """The consumer, share and streams groups."""

    async def list(self) -> List[types.GroupView]:
        return await self._control.list_groups()

    async def show(self, group: str) -> types.GroupWithCommits:
        """The group with its members, offsets, lag and latest commits."""
        return await self._control.get_group(group)

    async def evict(self, group: str, member: str) -> None:
        """Removes a member, given by member id or group instance id, as if its session had timed out."""
        await self._control.evict_member(group, {"member": member})

    async def rebalance(self, group: str) -> None:
        await self._control.rebalance_group(group)

    async def commit(self, group: str, topic: str, partition: int, offset: int, *, metadata: str = "") -> None:
        """Commits an offset for a group without members."""
        await self._control.commit_offsets(
            group, {"offsets": [{"topic": topic, "partition": partition, "offset": offset, "metadata": metadata}]}
        )

    async def offsets(self, group: str, topic: str) -> dict[int, int]:
        """The committed offsets of the topic's partitions."""
        found = (await self.show(group))["offsets"]
        return {one["partition"]: one["offset"] for one in found if one["topic"] == topic}


class AsyncNodes(AsyncPart):
    """The brokers, by node id: the first is 1."""

    async def list(self) -> List[types.NodeView]:
        return (await self._control.get_cluster())["nodes"]

    async def stop(self, node: int) -> types.NodeState:
        """Stops the node, as a broker that is shut down."""
        return await self._control.stop_node(node)

    async def start(self, node: int) -> types.NodeState:
        return await self._control.start_node(node)

    async def pause(self, node: int) -> None:
        """Has the node answer nothing until it resumes; connections stay open."""
        await self._control.pause_node(node)

    async def resume(self, node: int) -> None:
        await self._control.resume_node(node)

    async def add(self, *, rack: Optional[str] = None) -> types.Added:
        return await self._control.add_node({"rack": rack})

    async def remove(self, node: int) -> None:
        await self._control.remove_node(node)

    async def restart_all(self) -> None:
        """Restarts the nodes one after the other."""
        await self._control.restart_nodes()


class AsyncTransactions(AsyncPart):
    """The transactional ids."""

    async def list(self) -> List[types.TransactionView]:
        return await self._control.list_transactions()

    async def show(self, transactional_id: str) -> types.TransactionView:
        return await self._control.get_transaction(transactional_id)

    async def fence(self, transactional_id: str) -> None:
        """Fences the producer, as another one with the same id would."""
        await self._control.fence_producer(transactional_id)


class AsyncSnapshots(AsyncPart):
    """What the cluster was, and can be again."""

    async def take(self, name: str) -> types.SnapshotView:
        return await self._control.take_snapshot(name)

    async def restore(self, name: str) -> None:
        await self._control.restore_snapshot(name)

    async def list(self) -> List[types.SnapshotView]:
        return await self._control.list_snapshots()

    async def forget(self, name: str) -> None:
        await self._control.forget_snapshot(name)
