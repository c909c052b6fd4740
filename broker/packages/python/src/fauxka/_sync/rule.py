"""A mounted fault rule."""
# Made by `generate` from _async/rule.py: do not edit.
from __future__ import annotations

from typing import Optional

from .. import types
from .._encoding import Duration, duration
from .._errors import ControlError, UnmetExpectation
from .control import Control

TIMED_OUT = 408


class Rule:
    """A mounted fault rule: `cluster.fault(…)` makes one."""

    def __init__(self, control: Control, view: types.FaultView) -> None:
        self._control = control
        self.id = view["id"]
        """The rule's number."""
        self.rule = view["rule"]
        """The rule itself, as the cluster has it."""

    def __repr__(self) -> str:
        return f"<fault rule {self.id}: {self.rule}>"

    def show(self) -> types.FaultView:
        """The rule, its state, and how often it has matched and acted."""
        return self._control.get_fault(str(self.id))

    def hits(self) -> int:
        """How often it has acted."""
        return (self.show())["hits"]

    def matches(self) -> int:
        """How many requests it has selected."""
        return (self.show())["matches"]

    def wait(self, hits: Optional[int] = None, *, timeout: Duration = 30.0) -> types.FaultView:
        """Waits until it has acted so often; by default what it expects, or once. Real time counts, also under a manual clock."""
        # A failed test shows its own line, not these.
        __tracebackhide__ = True
        try:
            return self._control.wait_for_fault(str(self.id), hits=hits, timeout=duration(timeout))
        except ControlError as error:
            if error.status != TIMED_OUT:
                raise
            raise UnmetExpectation(str(error)) from None

    def release(self) -> types.FaultView:
        """Ends the rule: what it held back goes on. What it expects still counts."""
        return self._control.release_fault(str(self.id))

    def remove(self) -> None:
        """Ends the rule, and forgets what it expects."""
        self._control.remove_fault(str(self.id))
