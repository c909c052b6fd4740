"""Which clusters a test has, whether their expectations are met, and what a failed test shows of them."""
from __future__ import annotations

from typing import List, Optional, Tuple

import pytest

from ._errors import FauxkaError
from ._sync.cluster import Cluster

Section = Tuple[str, str]


class _Watched:
    """The clusters of a test, and what they said at its end."""

    def __init__(self) -> None:
        self.clusters: List[Cluster] = []
        self.kept: Optional[List[Section]] = None
        self.shown = False


_KEY = pytest.StashKey[_Watched]()


def watch(item: pytest.Item, cluster: Cluster) -> None:
    item.stash.setdefault(_KEY, _Watched()).clusters.append(cluster)


def keep(item: pytest.Item) -> None:
    """Writes down what the clusters say, before the first of them ends."""
    watched = item.stash[_KEY] if _KEY in item.stash else None
    if watched is not None and watched.kept is None and not watched.shown:
        watched.kept = _ask(watched)


def _ask(watched: _Watched) -> List[Section]:
    several = len(watched.clusters) > 1
    texts = [cluster.report_text() for cluster in watched.clusters]
    titles = [f"fauxka, cluster {number} of {len(texts)}" if several else "fauxka" for number in range(1, len(texts) + 1)]
    return list(zip(titles, texts))


def verify(item: pytest.Item) -> None:
    """Fails with the unmet expectations of all clusters. The rest of their reports is in the sections."""
    watched = item.stash.get(_KEY, None)
    if watched is None:
        return
    problems: List[str] = []
    for cluster in watched.clusters:
        try:
            cluster.check_running()
            problems += cluster.report()["unmet"]
        except (FauxkaError, OSError) as error:
            problems.append(str(error))
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def sections(item: pytest.Item) -> List[Section]:
    """What the report of the failed test shows; once, though its teardown fails as well."""
    watched = item.stash.get(_KEY, None)
    if watched is None or watched.shown:
        return []
    watched.shown = True
    return watched.kept if watched.kept is not None else _ask(watched)
