"""The pytest plugin: fixtures, the mark `fauxka`, and what a failed test shows of its clusters."""
from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Callable

import pytest

from . import _plugin_options as options
from . import _plugin_reports as reports
from ._async.cluster import AsyncCluster
from ._sync.cluster import Cluster

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import Options

    ClusterFactory = Callable[[Unpack[Options]], Cluster]


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", options.MARK)


@pytest.fixture
def fauxka(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A Kafka cluster for this test alone, as the mark `fauxka` and the ini options say."""
    cluster = Cluster(**options.of_test(request))
    reports.watch(request.node, cluster)
    try:
        yield cluster
    finally:
        reports.keep(request.node)
        cluster.stop()


@pytest.fixture
def fauxka_async(fauxka: Cluster) -> AsyncCluster:
    """The cluster of `fauxka`, for tests with asyncio."""
    return AsyncCluster.sharing(fauxka)


@pytest.fixture
def fauxka_factory(request: pytest.FixtureRequest) -> Iterator[Callable[..., Cluster]]:
    """Starts more clusters for this test: `fauxka_factory(nodes=3)`. The mark does not count for them; ini options do."""
    started: list[Cluster] = []

    def start(**given: Unpack[Options]) -> Cluster:
        cluster = Cluster(**options.of_call(request, given))
        started.append(cluster)
        reports.watch(request.node, cluster)
        return cluster

    try:
        yield start
    finally:
        reports.keep(request.node)
        for cluster in started:
            cluster.stop()


@pytest.fixture(scope="session")
def _fauxka_session_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with options.shared(request) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def _fauxka_module_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with options.shared(request) as cluster:
        yield cluster


@pytest.fixture(scope="class")
def _fauxka_class_cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    with options.shared(request) as cluster:
        yield cluster


def _reset(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Cluster]:
    options.refuse_mark_on_test(request)
    cluster.check_running()
    cluster.reset()
    reports.watch(request.node, cluster)
    yield cluster
    reports.keep(request.node)


@pytest.fixture
def fauxka_session(request: pytest.FixtureRequest, _fauxka_session_cluster: Cluster) -> Iterator[Cluster]:
    """One cluster for the whole run, as the ini options say; reset before each test that uses it."""
    yield from _reset(request, _fauxka_session_cluster)


@pytest.fixture
def fauxka_module(request: pytest.FixtureRequest, _fauxka_module_cluster: Cluster) -> Iterator[Cluster]:
    """One cluster for all tests of a file, as its mark says (`pytestmark`); reset before each test that uses it."""
    yield from _reset(request, _fauxka_module_cluster)


@pytest.fixture
def fauxka_class(request: pytest.FixtureRequest, _fauxka_class_cluster: Cluster) -> Iterator[Cluster]:
    """One cluster for all tests of a class, as its mark says; reset before each test that uses it."""
    yield from _reset(request, _fauxka_class_cluster)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that has passed fails if something that it expects has not happened."""
    result = yield
    reports.verify(item)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        report.sections.extend(reports.sections(item))
    return report
