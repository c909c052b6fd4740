"""What client libraries need to reach a cluster, in the shape that each takes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Dict, List, Optional


class Settings:
    """What client libraries need to reach the cluster, with your own settings added.

    There is nothing but the address in it: any other setting would change what your test finds out about yours.
    """

    def __init__(self, servers: List[str]) -> None:
        self._servers = servers

    def confluent_kafka(self, more: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
        """For confluent-kafka, and all else that is librdkafka: `Producer(cluster.settings.confluent_kafka({"linger.ms": 0}))`."""
        return {"bootstrap.servers": ",".join(self._servers), **(more or {})}

    def aiokafka(self, **more: Any) -> Dict[str, Any]:
        """For aiokafka: `AIOKafkaProducer(**cluster.settings.aiokafka(enable_idempotence=True))`."""
        return {"bootstrap_servers": list(self._servers), **more}

    def kafka_python(self, **more: Any) -> Dict[str, Any]:
        """For kafka-python: `KafkaProducer(**cluster.settings.kafka_python(acks="all"))`."""
        return {"bootstrap_servers": list(self._servers), **more}
