"""The clock, topics, groups, nodes, transactions and snapshots of a cluster."""
# Made by `generate` from _async/parts.py: do not edit.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import List, Optional

from .. import types
from .._encoding import Duration, duration
from .control import Control


class Part:
    def __init__(self, control: Control) -> None:
        self._control = control


class Clock(Part):
    """The cluster's clock. Only a manual one can be moved: start the cluster with clock="manual"."""

    def show(self) -> types.ClockView:
        """What time it is, and what is due."""
        return self._control.get_clock()

    def advance(self, by: Duration, *, silent: Sequence[str] = ()) -> types.Advanced:
        """Moves the clock, and returns when all that was due has happened.

        Connected members of groups keep their sessions, but for those clients whose ids match `silent`: they send no heartbeats meanwhile.
        """
        return self._control.advance_clock({"by": duration(by), "silent": list(silent)})

    def advance_to_next(self, *, silent: Sequence[str] = ()) -> types.Advanced:
        """Moves the clock to the moment at which something is due."""
        return self._control.advance_clock({"to": "next", "silent": list(silent)})


class Topics(Part):
    """The topics."""

    def create(
        self,
        name: str,
        *,
        partitions: Optional[int] = None,
        replication: Optional[int] = None,
        configs: Optional[Mapping[str, str]] = None,
    ) -> types.TopicView:
        """Creates a topic, as an admin client would."""
        return self._control.create_topic(
            {"name": name, "partitions": partitions, "replication": replication, "configs": dict(configs or {})}
        )

    def list(self) -> List[types.TopicView]:
        return self._control.list_topics()

    def show(self, topic: str) -> types.TopicView:
        """The topic with its partitions: their leaders, replicas and offsets."""
        return self._control.get_topic(topic)

    def delete(self, topic: str) -> None:
        self._control.delete_topic(topic)

    def alter(
        self, topic: str, *, partitions: Optional[int] = None, configs: Optional[Mapping[str, Optional[str]]] = None
    ) -> types.TopicView:
        """Adds partitions up to the new number, and changes settings; None sets one back to its default."""
        return self._control.alter_topic(topic, {"partitions": partitions, "configs": dict(configs or {})})

    def move_leader(self, topic: str, partition: int, node: int) -> None:
        """Has another node lead the partition."""
        self._control.move_leader(topic, partition, {"node": node})


class Groups(Part):
    """The consumer, share and streams groups."""

    def list(self) -> List[types.GroupView]:
        return self._control.list_groups()

    def show(self, group: str) -> types.GroupWithCommits:
        """The group with its members, offsets, lag and latest commits."""
        return self._control.get_group(group)

    def evict(self, group: str, member: str) -> None:
        """Removes a member, given by member id or group instance id, as if its session had timed out."""
        self._control.evict_member(group, {"member": member})

    def rebalance(self, group: str) -> None:
        self._control.rebalance_group(group)

    def commit(self, group: str, topic: str, partition: int, offset: int, *, metadata: str = "") -> None:
        """Commits an offset for a group without members."""
        self._control.commit_offsets(
            group, {"offsets": [{"topic": topic, "partition": partition, "offset": offset, "metadata": metadata}]}
        )

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        """The committed offsets of the topic's partitions."""
        found = (self.show(group))["offsets"]
        return {one["partition"]: one["offset"] for one in found if one["topic"] == topic}


class Nodes(Part):
    """The brokers, by node id: the first is 1."""

    def list(self) -> List[types.NodeView]:
        return (self._control.get_cluster())["nodes"]

    def stop(self, node: int) -> types.NodeState:
        """Stops the node, as a broker that is shut down."""
        return self._control.stop_node(node)

    def start(self, node: int) -> types.NodeState:
        return self._control.start_node(node)

    def pause(self, node: int) -> None:
        """Has the node answer nothing until it resumes; connections stay open."""
        self._control.pause_node(node)

    def resume(self, node: int) -> None:
        self._control.resume_node(node)

    def add(self, *, rack: Optional[str] = None) -> types.Added:
        return self._control.add_node({"rack": rack})

    def remove(self, node: int) -> None:
        self._control.remove_node(node)

    def restart_all(self) -> None:
        """Restarts the nodes one after the other."""
        self._control.restart_nodes()


class Transactions(Part):
    """The transactional ids."""

    def list(self) -> List[types.TransactionView]:
        return self._control.list_transactions()

    def show(self, transactional_id: str) -> types.TransactionView:
        return self._control.get_transaction(transactional_id)

    def fence(self, transactional_id: str) -> None:
        """Fences the producer, as another one with the same id would."""
        self._control.fence_producer(transactional_id)


class Snapshots(Part):
    """What the cluster was, and can be again."""

    def take(self, name: str) -> types.SnapshotView:
        return self._control.take_snapshot(name)

    def restore(self, name: str) -> None:
        self._control.restore_snapshot(name)

    def list(self) -> List[types.SnapshotView]:
        return self._control.list_snapshots()

    def forget(self, name: str) -> None:
        self._control.forget_snapshot(name)
