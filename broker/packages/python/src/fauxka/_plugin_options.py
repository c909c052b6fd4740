"""The options of the plugin's clusters: from the ini file, the command line and the mark `fauxka`."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any, cast

import pytest

from ._options import ALL, Options, check
from ._sync.cluster import Cluster

MARK = (
    f"fauxka({', '.join(f'{name}=…' for name in ALL)}): how the Kafka cluster of this test, class or file is started. "
    "A mark on a test is stronger than one on its class or file, and all are stronger than the ini file."
)
# Name, kind, meaning.
INI = [
    ("nodes", "string", "number of brokers"),
    ("topics", "linelist", "topics that exist from the start, each NAME[:PARTITIONS[:REPLICATION]]"),
    ("clock", "string", "real or manual"),
    ("seed", "string", "decides every random choice"),
    ("config", "linelist", "settings of the brokers, each NAME=VALUE"),
    ("file", "string", "a file that describes the cluster, from the ini file's folder on"),
    ("arguments", "args", "more options of the program"),
    ("binary", "string", "the program, from the ini file's folder on"),
    ("ready_timeout", "string", "how many seconds it may take to start"),
]
NUMBERS: dict[str, Callable[[str], float]] = {"nodes": int, "seed": int, "ready_timeout": float}


def add(parser: pytest.Parser) -> None:
    for name, kind, meaning in INI:
        parser.addini(f"fauxka_{name}", f"fauxka: {meaning}", type=cast(Any, kind), default=[] if kind != "string" else "")
    group = parser.getgroup("fauxka")
    group.addoption("--fauxka-seed", type=int, metavar="N", help="the seed of all clusters that fixtures start, to repeat a run")


def _number(name: str, text: str) -> float:
    try:
        return NUMBERS[name](text)
    except ValueError:
        raise pytest.UsageError(f"fauxka_{name} is {text!r}: it must be a number") from None


def _setting(line: str) -> tuple[str, str]:
    name, separator, value = line.partition("=")
    if not separator:
        raise pytest.UsageError(f"fauxka_config has {line!r}: each line must be NAME=VALUE")
    return name.strip(), value.strip()


def of_config(config: pytest.Config) -> Options:
    """The options of the ini file and the command line."""
    found: dict[str, Any] = {}
    for name, _, _ in INI:
        value = config.getini(f"fauxka_{name}")
        if not value:
            continue
        if name in NUMBERS:
            value = _number(name, value)
        elif name == "config":
            value = dict(map(_setting, value))
        elif name in ("file", "binary"):
            value = str((config.inipath.parent if config.inipath else config.rootpath) / value)
        found[name] = value
    seed = config.getoption("--fauxka-seed")
    if seed is not None:
        found["seed"] = seed
    return cast(Options, found)


def _of_marks(node: pytest.Item | pytest.Collector, options: Options) -> Options:
    whole = dict(options)
    for mark in reversed(list(node.iter_markers("fauxka"))):
        place = f"@pytest.mark.fauxka of {node.nodeid}"
        if mark.args:
            raise pytest.UsageError(f"{place}: give options by name, such as nodes=3, not {mark.args}")
        whole.update(mark.kwargs)
    try:
        check(cast(Options, whole), f"@pytest.mark.fauxka of {node.nodeid}")
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None
    return cast(Options, whole)


def of_test(request: pytest.FixtureRequest) -> Options:
    options = _of_marks(request.node, of_config(request.config))
    seed = request.config.getoption("--fauxka-seed")
    # Who repeats a run means all of it.
    return options if seed is None else {**options, "seed": seed}


def of_call(request: pytest.FixtureRequest, given: Options) -> Options:
    """The options of a call of `fauxka_factory`, on top of the ini file's."""
    check(given, "fauxka_factory")
    return {**of_config(request.config), **given}


@contextlib.contextmanager
def shared(request: pytest.FixtureRequest) -> Generator[Cluster, None, None]:
    """A cluster for all tests of a class, a file or the run. Each test verifies its own expectations."""
    cluster = Cluster(**of_test(request))
    try:
        yield cluster
    finally:
        cluster.stop()


def refuse_mark_on_test(request: pytest.FixtureRequest) -> None:
    """A mark on a test cannot change a cluster that others share."""
    if any(mark.name == "fauxka" for mark in request.node.own_markers):
        raise pytest.UsageError(
            f"{request.node.nodeid} has a mark `fauxka`, and its cluster is shared with other tests: take the fixture `fauxka`, "
            f"or set the options where the cluster is made: in the ini file for {request.fixturename} of a whole run, on the class or file for others"
        )
