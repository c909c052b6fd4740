"""Test cases of unittest with a Kafka cluster."""
from __future__ import annotations

import functools
import inspect
import unittest
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional

from ._async.cluster import AsyncCluster
from ._errors import UnmetExpectation
from ._report import add_to
from ._report import text as report_text
from ._sync.cluster import Cluster

if TYPE_CHECKING:
    from ._options import Options

    _Base = unittest.TestCase
else:
    _Base = object


class FauxkaMixin(_Base):
    """Gives each test of a TestCase a cluster: `self.fauxka`, which starts when the test first uses it.

    Put it before TestCase in the list of bases. A test fails if something that its rules expect has not happened.
    """

    fauxka_options: ClassVar[Options] = {}
    """How clusters are started."""
    fauxka_shared: ClassVar[bool] = False
    """Whether all tests of the class have one cluster, which is reset before each that uses it."""

    _fauxka_of_class: ClassVar[Optional[Cluster]] = None

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._fauxka: Optional[Cluster] = None
        method = getattr(self, methodName, None)
        if method is not None:
            # An attribute of the instance: runners take it for the method.
            setattr(self, methodName, _verified(self, method))

    @property
    def fauxka(self) -> Cluster:
        """The cluster of this test."""
        if self._fauxka is None:
            self._fauxka = self._fauxka_shared_one() if self.fauxka_shared else self._fauxka_own()
        return self._fauxka

    @property
    def fauxka_async(self) -> AsyncCluster:
        """The same cluster, for tests with asyncio."""
        return AsyncCluster.sharing(self.fauxka)

    def _fauxka_own(self) -> Cluster:
        cluster = Cluster(**self.fauxka_options)
        self.addCleanup(cluster.stop)
        return cluster

    def _fauxka_shared_one(self) -> Cluster:
        own = type(self)
        if own.__dict__.get("_fauxka_of_class") is None:
            own._fauxka_of_class = Cluster(**self.fauxka_options)
            own.addClassCleanup(own._fauxka_stop)
        cluster = own._fauxka_of_class
        assert cluster is not None
        cluster.check_running()
        cluster.reset()
        return cluster

    @classmethod
    def _fauxka_stop(cls) -> None:
        cluster, cls._fauxka_of_class = cls._fauxka_of_class, None
        if cluster is not None:
            cluster.stop()

    def _fauxka_failed(self, error: Exception) -> None:
        if self._fauxka is not None and not isinstance(error, unittest.SkipTest):
            add_to(error, self._fauxka.report_text())

    def _fauxka_passed(self) -> None:
        if self._fauxka is None:
            return
        self._fauxka.check_running()
        report = self._fauxka.report()
        if report["unmet"]:
            raise UnmetExpectation(report_text(report))


def _verified(case: FauxkaMixin, method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def run_async(*arguments: Any, **words: Any) -> None:
            try:
                await method(*arguments, **words)
            except Exception as error:
                case._fauxka_failed(error)
                raise
            case._fauxka_passed()

        return run_async

    @functools.wraps(method)
    def run(*arguments: Any, **words: Any) -> None:
        try:
            method(*arguments, **words)
        except Exception as error:
            case._fauxka_failed(error)
            raise
        case._fauxka_passed()

    return run


class FauxkaTestCase(FauxkaMixin, unittest.TestCase):
    """A TestCase whose tests have a cluster."""


class FauxkaAsyncTestCase(FauxkaMixin, unittest.IsolatedAsyncioTestCase):
    """The same for tests with asyncio: `self.fauxka_async`."""
