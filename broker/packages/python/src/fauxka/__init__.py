"""A Kafka cluster for tests: `with Cluster(topics=["orders"]) as cluster: …`."""
from importlib import metadata as _metadata

from . import types
from ._async.cluster import AsyncCluster
from ._async.rule import AsyncRule
from ._encoding import Duration
from ._errors import BinaryNotFound, ControlError, FauxkaError, StartError, UnmetExpectation
from ._options import Options
from ._settings import Settings
from ._sync.cluster import Cluster
from ._sync.rule import Rule

__version__ = _metadata.version("fauxka")

__all__ = [
    "AsyncCluster",
    "AsyncRule",
    "BinaryNotFound",
    "Cluster",
    "ControlError",
    "Duration",
    "FauxkaError",
    "Options",
    "Rule",
    "Settings",
    "StartError",
    "UnmetExpectation",
    "__version__",
    "types",
]
