"""Tests that fail, for what their reports show."""
import pytest


@pytest.mark.fauxka(seed=7)
def test_an_unmet_expectation(fauxka):
    fauxka.fault(name="lost answer", api="Produce", topic="orders", nth=2, after="disconnect", expect=1)
    fauxka.produce("orders", "order-1")


def test_a_wrong_assertion(fauxka, fauxka_factory):
    fauxka_factory(seed=8)
    assert fauxka.records("orders") == ["order-1"], "no order"


def test_an_unmet_expectation_of_the_session(fauxka_session):
    fauxka_session.fault(api="Fetch", observe=True, expect=2)


def test_after_it(fauxka_session):
    assert fauxka_session.faults() == []


@pytest.mark.fauxka(node=3)
def test_an_unknown_option(fauxka):
    raise AssertionError("not reached")


@pytest.mark.fauxka(nodes=3)
def test_a_mark_on_a_shared_cluster(fauxka_session):
    raise AssertionError("not reached")


def test_a_cluster_that_is_gone(fauxka):
    fauxka.produce("orders", "order-1")
    fauxka._process._child.kill()
    fauxka._process._child.wait()
