"""The journal."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, List

from .. import types
from .._encoding import Duration, duration
from .._errors import ControlError, UnmetExpectation
from .control import AsyncControl
from .rule import TIMED_OUT

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncJournal:
    """Every request with its outcome, and every change of state. The conditions are those of `types.JournalFilter`."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def rows(self, *, limit: int = 1000, **conditions: Unpack[types.JournalFilter]) -> List[types.Row]:
        """The latest rows that meet all conditions, oldest first."""
        return (await self._control.get_journal(limit=limit, **conditions))["rows"]

    async def requests(self, *, limit: int = 1000, **conditions: Unpack[types.JournalFilter]) -> List[types.RequestRow]:
        """The same, of requests alone."""
        conditions["kind"] = "request"
        rows = await self.rows(limit=limit, **conditions)
        return [row for row in rows if row["kind"] == "request"]

    async def last(self) -> int:
        """The number of the latest row: as `after` it selects what happens from now on."""
        return (await self._control.get_journal(limit=0))["last"]

    async def wait(
        self, *, count: int = 1, timeout: Duration = 30.0, **conditions: Unpack[types.JournalFilter]
    ) -> List[types.Row]:
        """Waits until there are at least so many rows. Those that are there already count."""
        # A failed test shows its own line, not these.
        __tracebackhide__ = True
        try:
            found = await self._control.wait_for_journal(count=count, timeout=duration(timeout), **conditions)
        except ControlError as error:
            if error.status != TIMED_OUT:
                raise
            raise UnmetExpectation(str(error)) from None
        return found["rows"]

    async def expect(
        self, *, count: int = 1, timeout: Duration = 30.0, **conditions: Unpack[types.JournalFilter]
    ) -> List[types.Row]:
        """Waits until there are so many rows, and fails unless there are exactly so many then."""
        __tracebackhide__ = True
        rows = await self.wait(count=count, timeout=timeout, **conditions) if count else await self.rows(**conditions)
        if len(rows) != count:
            raise UnmetExpectation(_too_many(count, dict(conditions), rows))
        return rows

    async def clear(self) -> None:
        """Forgets all rows. Their numbers go on."""
        await self._control.clear_journal()


def _too_many(count: int, conditions: dict[str, Any], rows: List[types.Row]) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in conditions.items()) or "any condition"
    lines = "\n".join(f"  {json.dumps(row)}" for row in rows)
    return f"expected {count} rows of the journal with {shown}, found {len(rows)}:\n{lines}"
