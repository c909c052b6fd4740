"""Each option of the ini file, and marks on top of it."""
import pytest


def partitions(cluster):
    return {topic["name"]: len(topic["partitions"]) for topic in cluster.topics.list()}


def test_the_ini_file(fauxka):
    assert len(fauxka.nodes.list()) == 2
    assert partitions(fauxka) == {"orders": 3, "payments": 1, "described": 4}
    assert len(fauxka.topics.create("refunds")["partitions"]) == 5
    assert (fauxka.seed, fauxka.control.get_cluster()["clock"], fauxka.log) == (7, "manual", "")
    assert sorted(fauxka.listeners) == ["A", "B"]


@pytest.mark.fauxka(topics=[])
def test_its_file(fauxka):
    assert partitions(fauxka) == {"described": 4}


@pytest.mark.fauxka(nodes=3, clock="real")
class TestMarks:
    @pytest.mark.fauxka(nodes=1, topics="own", seed=8, arguments=["--tls"], config={"auto.create.topics.enable": False})
    def test_the_nearest_counts(self, fauxka):
        assert len(fauxka.nodes.list()) == 1
        assert fauxka.control.get_cluster()["clock"] == "real"
        assert (fauxka.seed, partitions(fauxka), fauxka.listeners) == (8, {"own": 1, "described": 4}, {})
        with open(fauxka.ca_file) as file:
            assert "BEGIN CERTIFICATE" in file.read()

    def test_all_count(self, fauxka, fauxka_factory):
        assert len(fauxka.nodes.list()) == 3
        assert len(fauxka_factory(nodes=1, topics=[]).nodes.list()) == 1
        assert len(fauxka_factory().nodes.list()) == 2
