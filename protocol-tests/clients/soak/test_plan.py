"""The plan of a soak comes from its seed alone."""
import itertools
import unittest

import plan

NODES, CLIENTS = [1, 2, 3], ["a", "b"]


def first(seed, count=60):
    return list(itertools.islice(plan.steps(seed, NODES, CLIENTS), count))


class Plan(unittest.TestCase):
    def test_a_seed_makes_one_plan(self):
        self.assertEqual(first(1), first(1))
        self.assertNotEqual(first(1), first(2))

    def test_every_kind_comes_soon(self):
        kinds = [step.faults[0].kind for step in first(3, len(plan.KINDS))]
        self.assertEqual(sorted(kinds), sorted(plan.KINDS))

    def test_targets_are_there(self):
        for fault in (fault for step in first(4) for fault in step.faults):
            there = {plan.NODE: NODES, plan.CLIENT: CLIENTS, plan.CLUSTER: [None]}[plan.KINDS[fault.kind]]
            self.assertIn(fault.target, there)

    def test_some_come_at_once_and_some_never_do(self):
        together = [{fault.kind for fault in step.faults} for step in first(5) if len(step.faults) > 1]
        self.assertTrue(together)
        self.assertFalse([kinds for kinds in together if kinds & plan.ALONE])


if __name__ == "__main__":
    unittest.main()
