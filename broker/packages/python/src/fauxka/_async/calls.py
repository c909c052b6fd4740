"""What a cluster can be asked, whoever has started it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, List, Literal, Optional, Union

from .. import types
from .._encoding import data
from .control import AsyncControl
from .journal import AsyncJournal
from .parts import AsyncClock, AsyncGroups, AsyncNodes, AsyncSnapshots, AsyncTopics, AsyncTransactions
from .rule import AsyncRule

# How many records one answer holds: more are asked for again.
PAGE = 1000


class AsyncCalls:
    """What a cluster can be asked."""

    def __init__(self, url: str, token: Optional[str] = None) -> None:
        self.control = AsyncControl(url, token)
        """A call for each operation of the control port."""
        self.clock = AsyncClock(self.control)
        self.journal = AsyncJournal(self.control)
        self.topics = AsyncTopics(self.control)
        self.groups = AsyncGroups(self.control)
        self.nodes = AsyncNodes(self.control)
        self.transactions = AsyncTransactions(self.control)
        self.snapshots = AsyncSnapshots(self.control)

    async def fault(
        self,
        *,
        api: Optional[types.Apis] = None,
        topic: Optional[str] = None,
        partition: Optional[int] = None,
        group: Optional[str] = None,
        member: Optional[str] = None,
        transactional_id: Optional[str] = None,
        client_id: Optional[str] = None,
        software: Optional[str] = None,
        principal: Optional[str] = None,
        mechanism: Optional[str] = None,
        node: Optional[int] = None,
        nth: Optional[int] = None,
        count: Optional[int] = None,
        every: Optional[int] = None,
        probability: Optional[float] = None,
        until_released: Optional[bool] = None,
        observe: Optional[bool] = None,
        before: Optional[types.Actions] = None,
        after: Optional[types.Actions] = None,
        bytes: Optional[types.ByteAction] = None,
        to: Optional[types.Towards] = None,
        expect: Optional[types.Expected] = None,
        name: Optional[str] = None,
        unchecked: Optional[bool] = None,
    ) -> AsyncRule:
        """Mounts a fault rule. `before` acts in place of the request, `after` on its answer; types.Rule says what each means.

        If it has not acted as often as `expect` says when the test ends, the test fails.
        """
        given: dict[str, Any] = {**locals(), "before_apply": before, "after_apply": after}
        words = types.Rule.__annotations__
        rule = {name: value for name, value in given.items() if name in words and value is not None}
        return await self.mount(rule)  # type: ignore[arg-type]

    async def mount(self, rule: types.Rule) -> AsyncRule:
        """Mounts a fault rule that is written as in JSON."""
        return AsyncRule(self.control, await self.control.mount_fault(rule))

    async def heal(self) -> None:
        """Ends all fault rules. What they expect still counts."""
        await self.control.heal_faults()

    async def faults(self) -> List[types.FaultView]:
        """All fault rules, and how often they have acted."""
        return await self.control.list_faults()

    async def produce(
        self,
        topic: str,
        *values: Union[str, bytes, None],
        key: Union[str, bytes, None] = None,
        headers: Optional[Mapping[str, Union[str, bytes]]] = None,
        partition: Optional[int] = None,
        open_transaction: Optional[str] = None,
    ) -> List[types.RecordPlace]:
        """Writes records without a client; None is a tombstone. `open_transaction` leaves a transaction of that id open."""
        record: types.NewRecord = {
            "key": None if key is None else data(key),
            "headers": [{"key": name, "value": data(value)} for name, value in (headers or {}).items()],
            "partition": partition,
        }
        records: List[types.NewRecord] = [{**record, "value": None if one is None else data(one)} for one in values]
        produced = await self.control.produce_records(topic, {"records": records, "transactional_id": open_transaction})
        return produced["records"]

    async def records(
        self,
        topic: str,
        partition: Optional[int] = None,
        *,
        from_offset: Optional[int] = None,
        isolation: Literal["read_uncommitted", "read_committed"] = "read_uncommitted",
    ) -> List[types.Record]:
        """The records of a partition, or of all partitions one after the other; no transaction markers.

        With `read_committed`, those of open and aborted transactions are left out.
        """
        wanted = [partition] if partition is not None else await self._partitions(topic)
        found: List[types.Record] = []
        for index in wanted:
            found += await self._records_of(topic, index, from_offset)
        return [one for one in found if _is_shown(one, isolation)]

    async def _partitions(self, topic: str) -> List[int]:
        return [index for index, _ in enumerate((await self.topics.show(topic))["partitions"])]

    async def _records_of(self, topic: str, partition: int, start: Optional[int]) -> List[types.Record]:
        found: List[types.Record] = []
        while True:
            page = (await self.control.get_records(topic, partition, from_=start, max=PAGE))["records"]
            found += page
            if len(page) < PAGE:
                return found
            start = page[-1]["offset"] + 1

    async def metrics(self) -> str:
        """The numbers that Prometheus reads."""
        return await self.control.get_metrics()

    async def report(self) -> types.Report:
        """What a failed test should show."""
        return await self.control.get_report()

    async def reset(self, only: Optional[Sequence[types.Kind]] = None) -> None:
        """Makes the cluster, or parts of it, what it was at its start. Rules of your test are gone, and what they expect."""
        await self.control.reset_cluster({} if only is None else {"only": list(only)})


def _is_shown(record: types.Record, isolation: str) -> bool:
    if record.get("marker") is not None:
        return False
    fate = record.get("transaction")
    return isolation != "read_committed" or fate is None or fate == "committed"
