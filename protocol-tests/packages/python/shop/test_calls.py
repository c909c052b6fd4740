"""Each call once, without a client."""
import datetime

import pytest
from fauxka import ControlError, UnmetExpectation


def test_topics(fauxka):
    made = fauxka.topics.create("payments", partitions=2, configs={"cleanup.policy": "compact"})
    assert len(made["partitions"]) == 2
    assert len(fauxka.topics.alter("payments", partitions=3)["partitions"]) == 3
    fauxka.topics.delete("payments")
    with pytest.raises(ControlError, match="payments") as refused:
        fauxka.topics.show("payments")
    assert refused.value.status == 404


def test_an_error_of_kafka(fauxka):
    with pytest.raises(ControlError) as refused:
        fauxka.topics.create("orders")
    assert refused.value.kafka["name"] == "TOPIC_ALREADY_EXISTS"


def test_records(fauxka):
    place = fauxka.produce("orders", "text", b"\xff", None, key="k", headers={"source": b"test"}, partition=3)
    assert [one["offset"] for one in place] == [0, 1, 2]
    text, data, tombstone = fauxka.records("orders", 3)
    assert (text["value"], text["key"], text["headers"]) == ("text", "k", [{"key": "source", "value": "test"}])
    assert data["value"] == {"base64": "/w=="} and tombstone.get("value") is None
    assert len(fauxka.records("orders", 3, from_offset=1)) == 2
    fauxka.produce("orders", "pending", open_transaction="payments-1")
    assert fauxka.records("orders", 0, isolation="read_committed") == []
    assert [one["state"] for one in fauxka.transactions.list()] == ["Ongoing"]
    fauxka.transactions.fence("payments-1")


def test_more_records_than_one_answer_holds(fauxka):
    fauxka.produce("orders", *(str(number) for number in range(2500)), partition=0)
    assert [record["value"] for record in fauxka.records("orders")] == [str(number) for number in range(2500)]


@pytest.mark.fauxka(clock="manual")
def test_clock(fauxka):
    start = fauxka.clock.show()["elapsed_ms"]
    fauxka.clock.advance("1m 30s")
    fauxka.clock.advance(0.5)
    assert fauxka.clock.advance(datetime.timedelta(hours=1))["elapsed_ms"] - start == 3_690_500
    fauxka.clock.advance_to_next(silent=["nobody-*"])


@pytest.mark.fauxka(nodes=3)
def test_nodes(fauxka):
    assert len(fauxka.bootstrap_list) == 3
    fauxka.nodes.stop(2)
    assert [node["id"] for node in fauxka.nodes.list() if not node["up"]] == [2]
    fauxka.nodes.start(2)
    fauxka.nodes.pause(3)
    fauxka.nodes.resume(3)
    assert fauxka.nodes.add()["id"] == 4
    fauxka.nodes.remove(4)
    fauxka.nodes.restart_all()
    fauxka.journal.wait(kind="node_started", count=4)


def test_groups_and_snapshots(fauxka):
    fauxka.snapshots.take("empty")
    fauxka.produce("orders", "first", partition=0)
    fauxka.groups.commit("billing", "orders", 0, 1, metadata="by hand")
    assert fauxka.groups.offsets("billing", "orders") == {0: 1}
    assert [group["id"] for group in fauxka.groups.list()] == ["billing"]
    with pytest.raises(ControlError):
        fauxka.groups.rebalance("billing")
    fauxka.snapshots.restore("empty")
    assert fauxka.records("orders") == [] and [one["name"] for one in fauxka.snapshots.list()] == ["empty"]
    fauxka.snapshots.forget("empty")


def test_rules(fauxka):
    rule = fauxka.fault(api=["Produce", "Fetch"], topic="ord*", count=2, before={"error": "NOT_LEADER_OR_FOLLOWER"}, name="moved")
    assert (rule.hits(), rule.matches(), rule.show()["state"]) == (0, 0, "active")
    with pytest.raises(UnmetExpectation, match="acted 0 times"):
        rule.wait(timeout="10ms")
    assert rule.release()["state"] == "ended"
    rule.remove()
    fauxka.fault(observe=True, api="Fetch", expect=0)
    fauxka.heal()
    assert [view["state"] for view in fauxka.faults()] == ["ended"]
    with pytest.raises(ControlError, match="acks") as refused:
        fauxka.mount({"api": "Produce", "nth": 0, "after_apply": "acks"})
    assert refused.value.status == 422


def test_journal(fauxka):
    before = fauxka.journal.last()
    fauxka.topics.create("payments")
    (row,) = fauxka.journal.expect(kind="topic_created", after=before)
    assert row["kind"] == "topic_created" and row["topic"] == "payments"
    assert [row["api"] for row in fauxka.journal.requests(topic="payments")] == ["CreateTopics"]
    fauxka.journal.expect(api="Produce", count=0)
    with pytest.raises(UnmetExpectation):
        fauxka.journal.expect(api="Produce", count=1, timeout=0.01)
    fauxka.topics.create("refunds")
    with pytest.raises(UnmetExpectation, match=r"expected 1 rows of the journal with kind='topic_created', after=\d+, found 2:\n  {"):
        fauxka.journal.expect(kind="topic_created", after=before, count=1)
    fauxka.journal.clear()
    assert fauxka.journal.rows() == []


def test_the_rest(fauxka):
    assert "fauxka" in fauxka.metrics()
    assert fauxka.report()["seed"] == fauxka.seed == fauxka.control.get_cluster()["seed"]
    assert fauxka.control.download_snapshot()
    fauxka.control.upload_snapshot(fauxka.control.download_snapshot())
    assert fauxka.control.get_liveness().strip() == "ok"
    fauxka.reset(only=["topics"])
    fauxka.reset()
    assert b"openapi" in fauxka.control.raw("GET", "/v1/openapi.json")
    assert "is ready" in fauxka.log


def test_names_are_quoted(fauxka):
    with pytest.raises(ControlError) as refused:
        fauxka.groups.show("a/b {c} ü")
    assert "a/b {c} ü" in str(refused.value)
