"""What a cluster is started with."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Literal, Optional, TypedDict, Union

Clock = Literal["real", "manual"]
StrPath = Union[str, "os.PathLike[str]"]


class Options(TypedDict, total=False):
    """The options of Cluster, AsyncCluster and the mark `fauxka`."""

    nodes: int
    """How many brokers. Default: 1."""
    topics: Union[str, Sequence[str]]
    """Topics that exist from the start, each NAME[:PARTITIONS[:REPLICATION]]."""
    clock: Clock
    """`manual`: only your test moves the clock. Default: `real`."""
    seed: int
    """Decides every random choice. Default: another one each time."""
    config: Mapping[str, Union[str, int, bool]]
    """Settings of the brokers, such as `auto.create.topics.enable`."""
    file: Optional[StrPath]
    """A file that describes the cluster. All other options are stronger."""
    arguments: Sequence[str]
    """More options of the program, such as `["--journal-bodies"]`."""
    binary: Optional[StrPath]
    """The program. Default: FAUXKA_BINARY, or the one in this package, or the one on the PATH."""
    ready_timeout: float
    """How many seconds it may take to start. Default: 20."""


READY_SECONDS = 20.0
ALL = tuple(Options.__annotations__)


def _setting(value: Union[str, int, bool]) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def check(options: Options, place: str) -> None:
    """Refuses what is no option, with a list of those that there are."""
    strangers = [name for name in options if name not in ALL]
    if strangers:
        raise TypeError(f"{place}: there is no option {', '.join(strangers)}; there are {', '.join(ALL)}")
    clock, arguments = options.get("clock", "real"), options.get("arguments", ())
    if clock not in ("real", "manual"):
        raise ValueError(f"{place}: clock is {clock!r}; it must be 'real' or 'manual'")
    if isinstance(arguments, str):
        raise TypeError(f"{place}: arguments is {arguments!r}; it must be a list, such as ['--journal-bodies']")
    if _has(arguments, "--no-control"):
        raise ValueError(f"{place}: --no-control leaves nothing to ask; leave it out")


def _has(arguments: Sequence[str], *names: str) -> bool:
    return any(word.split("=", 1)[0] in names for word in arguments)


def argv(options: Options) -> list[str]:
    """The program's arguments."""
    check(options, "fauxka")
    arguments = options.get("arguments", ())
    words = ["--exit-with-parent"]
    # On free ports, unless you say where.
    if not _has(arguments, "--listen", "--listener"):
        words += ["--listen", "127.0.0.1:0"]
    if not _has(arguments, "--control"):
        words += ["--control", "127.0.0.1:0"]
    file = options.get("file")
    if file is not None:
        words += ["--file", os.fspath(file)]
    if "nodes" in options:
        words += ["--nodes", str(options["nodes"])]
    topics = options.get("topics", ())
    for topic in [topics] if isinstance(topics, str) else topics:
        words += ["--topic", topic]
    if "clock" in options:
        words += ["--clock", options["clock"]]
    if "seed" in options:
        words += ["--seed", str(options["seed"])]
    for name, value in options.get("config", {}).items():
        words += ["--config", f"{name}={_setting(value)}"]
    return [*words, *arguments]
