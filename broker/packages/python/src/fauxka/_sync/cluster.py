"""A cluster of your own."""
# Made by `generate` from _async/cluster.py: do not edit.
from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Optional, Type

from .._errors import UnmetExpectation
from .._hosted import Hosted
from .._report import add_to, problems, text
from .calls import Calls

if sys.version_info >= (3, 11):
    from typing import Self
elif TYPE_CHECKING:
    from typing_extensions import Self


class Cluster(Hosted, Calls):
    """A Kafka cluster on free ports of this machine, which ends with the block:

        with Cluster(nodes=3, topics=["orders:24"]) as cluster:
            ...

    It starts when it is made. When the block ends, all that its rules expect must have happened; when it fails, its exception tells how the cluster
    saw it.
    """

    def _connect(self) -> None:
        Calls.__init__(self, self.control_url, self._token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        try:
            if error is None:
                self.verify()
            elif isinstance(error, Exception):
                add_to(error, self.report_text())
        finally:
            self.stop()

    def verify(self) -> None:
        """Fails unless the cluster still runs and all that its rules expect has happened."""
        self.check_running()
        report = self.report()
        if report["unmet"]:
            raise UnmetExpectation(text(report))

    def report_text(self) -> str:
        """What a failed test should show, as text, whatever has become of the cluster."""
        try:
            self.check_running()
            return text(self.report())
        except Exception as error:
            return problems(error)
