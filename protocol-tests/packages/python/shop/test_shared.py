"""One cluster for the run, one for a file and one for a class: each is reset before each test."""
import pytest

pytestmark = pytest.mark.fauxka(nodes=2)
SEEN = {}


def is_same(name, cluster):
    return SEEN.setdefault(name, cluster.pid) == cluster.pid


@pytest.mark.parametrize("order", ["order-1", "order-2"])
def test_of_the_run(fauxka_session, order):
    fauxka_session.produce("orders", order)
    assert [record["value"] for record in fauxka_session.records("orders")] == [order]
    assert is_same("run", fauxka_session) and len(fauxka_session.nodes.list()) == 1


@pytest.mark.parametrize("order", ["order-1", "order-2"])
def test_of_the_file(fauxka_module, order):
    fauxka_module.produce("orders", order)
    assert len(fauxka_module.records("orders")) == 1
    assert is_same("file", fauxka_module) and len(fauxka_module.nodes.list()) == 2


@pytest.mark.fauxka(nodes=3)
class TestOfTheClass:
    @pytest.mark.parametrize("order", ["order-1", "order-2"])
    def test_order(self, fauxka_class, order):
        fauxka_class.produce("orders", order)
        assert len(fauxka_class.records("orders")) == 1
        assert is_same("class", fauxka_class) and len(fauxka_class.nodes.list()) == 3


def test_two_clusters(fauxka, fauxka_factory):
    other = fauxka_factory(topics=["mirrored"])
    fauxka.produce("orders", "order-1")
    other.produce("mirrored", "order-1")
    assert fauxka.bootstrap_servers != other.bootstrap_servers
    assert [topic["name"] for topic in other.topics.list()] == ["mirrored"]
