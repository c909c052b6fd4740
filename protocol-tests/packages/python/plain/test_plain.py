"""unittest, with nothing installed but fauxka: each test has a cluster."""
import unittest

from fauxka import Cluster, UnmetExpectation
from fauxka.unittest import FauxkaAsyncTestCase, FauxkaTestCase


class Orders(FauxkaTestCase):
    fauxka_options = {"topics": ["orders:2"], "seed": 7}

    def test_an_order(self):
        self.fauxka.produce("orders", "order-1")
        self.assertEqual([record["value"] for record in self.fauxka.records("orders")], ["order-1"])
        self.assertEqual(self.fauxka.seed, 7)


class Shared(FauxkaTestCase):
    fauxka_options = {"topics": ["orders"]}
    fauxka_shared = True
    pids = set()

    def place(self):
        self.fauxka.produce("orders", "order-1")
        self.assertEqual(len(self.fauxka.records("orders")), 1)
        self.pids.add(self.fauxka.pid)
        self.assertEqual(len(self.pids), 1)

    test_one = test_another = place


class Waiting(FauxkaAsyncTestCase):
    async def test_a_topic(self):
        await self.fauxka_async.topics.create("orders")
        await self.fauxka_async.journal.expect(kind="topic_created", topic="orders")


class Block(unittest.TestCase):
    def test_unmet(self):
        with self.assertRaisesRegex(UnmetExpectation, "expected to act 1 times, acted 0 times"):
            with Cluster(topics="orders") as cluster:
                cluster.fault(api="Produce", after="disconnect", expect=1)

    def test_stranger(self):
        with self.assertRaisesRegex(TypeError, "there is no option node; there are nodes, "):
            Cluster(node=3)
