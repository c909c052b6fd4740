"""A producer is replaced while it works. What it still writes must not count."""
import pytest
from confluent_kafka import KafkaError, KafkaException, Producer


def producer(cluster):
    made = Producer(cluster.settings.confluent_kafka({"transactional.id": "orders-1"}))
    made.init_transactions(30)
    return made


def test_a_zombie_is_fenced(fauxka):
    zombie = producer(fauxka)
    zombie.begin_transaction()
    zombie.produce("orders", "from the zombie")
    assert zombie.flush(30) == 0

    successor = producer(fauxka)
    with pytest.raises(KafkaException) as refused:
        zombie.commit_transaction(30)
    assert refused.value.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH)

    successor.begin_transaction()
    successor.produce("orders", "from its successor")
    successor.commit_transaction(30)
    committed = fauxka.records("orders", isolation="read_committed")
    assert [record["value"] for record in committed] == ["from its successor"]
    assert fauxka.transactions.show("orders-1")["state"] == "CompleteCommit"
