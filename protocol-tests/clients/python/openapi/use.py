"""Lists topics, mounts a rule and reads the journal with the client that is generated from the OpenAPI document."""
import sys

from fauxka_client import Client
from fauxka_client.api.cluster import get_health
from fauxka_client.api.faults import get_fault, mount_fault
from fauxka_client.api.journal import get_journal
from fauxka_client.api.topics import create_topic, list_topics, produce_records
from fauxka_client.models import NewRecord, NewRecords, NewTopic, Refused, Rule


def main(control):
    client = Client(base_url=control)
    assert get_health.sync(client=client).ready
    assert len(create_topic.sync(client=client, body=NewTopic(name="python", partitions=2)).partitions) == 2
    refused = create_topic.sync(client=client, body=NewTopic(name="python"))
    assert isinstance(refused, Refused) and refused.kafka.name == "TOPIC_ALREADY_EXISTS", refused

    record = NewRecord(key="k", value="v", partition=1)
    written = produce_records.sync("python", client=client, body=NewRecords(records=[record]))
    assert [(place.partition, place.offset) for place in written.records] == [(1, 0)], written
    assert "python" in [topic.name for topic in list_topics.sync(client=client)]

    rule = Rule.from_dict({"api": "Produce", "topic": "python", "nth": 1, "after_apply": "disconnect"})
    mounted = mount_fault.sync(client=client, body=rule)
    assert mounted.rule.topic == "python", mounted
    assert get_fault.sync(mounted.id, client=client).hits == 0

    journal = get_journal.sync(client=client, kind="topic_created", topic="python")
    assert [row.to_dict()["partitions"] for row in journal.rows] == [2], journal
    print("ok")


if __name__ == "__main__":
    main(sys.argv[1])
