"""A mounted fault rule."""
from __future__ import annotations

from typing import Optional

from .. import types
from .._encoding import Duration, duration
from .._errors import ControlError, UnmetExpectation
from .control import AsyncControl

TIMED_OUT = 408


class AsyncRule:
    """A mounted fault rule: `cluster.fault(…)` makes one."""

    def __init__(self, control: AsyncControl, view: types.FaultView) -> None:
        self._control = control
        self.id = view["id"]
        """The rule's number."""
        self.rule = view["rule"]
        """The rule itself, as the cluster has it."""

    def __repr__(self) -> str:
        return f"<fault rule {self.id}: {self.rule}>"

    async def show(self) -> types.FaultView:
        """The rule, its state, and how often it has matched and acted."""
        return await self._control.get_fault(str(self.id))

    async def hits(self) -> int:
        """How often it has acted."""
        return (await self.show())["hits"]

    async def matches(self) -> int:
        """How many requests it has selected."""
        return (await self.show())["matches"]

    async def wait(self, hits: Optional[int] = None, *, timeout: Duration = 30.0) -> types.FaultView:
        """Waits until it has acted so often; by default what it expects, or once. Real time counts, also under a manual clock."""
        # A failed test shows its own line, not these.
        __tracebackhide__ = True
        try:
            return await self._control.wait_for_fault(str(self.id), hits=hits, timeout=duration(timeout))
        except ControlError as error:
            if error.status != TIMED_OUT:
                raise
            raise UnmetExpectation(str(error)) from None

    async def release(self) -> types.FaultView:
        """Ends the rule: what it held back goes on. What it expects still counts."""
        return await self._control.release_fault(str(self.id))

    async def remove(self) -> None:
        """Ends the rule, and forgets what it expects."""
        await self._control.remove_fault(str(self.id))
