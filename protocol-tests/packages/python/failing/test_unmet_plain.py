"""A test of unittest that fails, for what it shows."""
from fauxka.unittest import FauxkaTestCase


class Orders(FauxkaTestCase):
    fauxka_options = {"topics": ["orders"], "seed": 7}

    def test_an_unmet_expectation(self):
        self.fauxka.fault(name="lost answer", api="Produce", topic="orders", nth=2, after="disconnect", expect=1)

    def test_a_wrong_assertion(self):
        self.assertEqual(self.fauxka.records("orders"), ["order-1"])
