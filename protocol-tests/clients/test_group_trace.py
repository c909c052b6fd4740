"""Each rule of group_trace.py, kept and broken. Run by `python3 -m unittest`."""
import unittest

from group_trace import Trace

# a reads both partitions, loses one of them to b, and b reads on.
HANDED_OVER = """\
a GAINED 0,1
a GOT 0 0 0:0
a GOT 1 0 1:0
a LOST 1
b GAINED 1
b GOT 1 1 1:1
a GOT 0 1 0:1"""
ENDS = {0: 2, 1: 2}


def check(lines, ends=None, kill=None, **options):
    """The verdict's words for these lines; `kill` is (member, committed) at their end."""
    trace = Trace(2, **options)
    for at, line in enumerate(lines.splitlines()):
        trace.feed(line, at)
        if kill and line == f"{kill[0]} ENDED":
            trace.excuse(*kill)
    own, faults = trace.verdict(ENDS if ends is None else ends)
    return "".join(faults) or own


class Rules(unittest.TestCase):
    def test_keeps_all_rules(self):
        self.assertEqual(check(HANDED_OVER), "")

    def test_two_owners(self):
        lines = HANDED_OVER.replace("a LOST 1\nb GAINED 1", "b GAINED 1\na LOST 1")
        self.assertEqual(check(lines), "partition 1: b gained it while a owned it")
        self.assertEqual(check(lines, late=1.5), "")
        self.assertEqual(check(lines, late=0.5), "partition 1: b gained it while a owned it")

    def test_never_lost(self):
        self.assertEqual(check(HANDED_OVER.replace("a LOST 1\n", ""), late=1.0), "partition 1: b gained it, a never lost it")

    def test_consumes_without_owning(self):
        lines = HANDED_OVER.replace("b GAINED 1\n", "")
        self.assertEqual(check(lines), "b got offset 1 of partition 1, which it does not own")
        self.assertEqual(check(lines, allows=["strays"]), "")

    def test_wrong_value(self):
        self.assertEqual(check(HANDED_OVER.replace("1:1", "1:7")), "b got 1:7 at offset 1 of partition 1")

    def test_a_gap(self):
        lines = HANDED_OVER + "\na GOT 0 3 0:3"
        self.assertIn("a got offset 3 of partition 0 after 1", check(lines, {0: 4, 1: 2}))

    def test_nobody_consumed(self):
        self.assertEqual(check(HANDED_OVER, {0: 2, 1: 3}), "partition 1: nobody consumed offset 2")

    def test_consumed_twice(self):
        lines = HANDED_OVER.replace("b GOT 1 1 1:1", "b GOT 1 0 1:0\nb GOT 1 1 1:1")
        self.assertEqual(check(lines), "partition 1: offset 0 was consumed 2 times")
        self.assertEqual(check(lines, allows=["repeats"]), "; 1 repeated by the library")

    def test_a_killed_member_had_not_committed(self):
        lines = HANDED_OVER.replace("a LOST 1", "a ENDED\nb GAINED 0").replace("b GOT", "b GOT 1 0 1:0\nb GOT")
        lines = lines.replace("a GOT 0 1", "b GOT 0 1")
        self.assertEqual(check(lines, kill=("a", {0: 1, 1: 0})), "")
        self.assertEqual(check(lines, kill=("a", {0: 1, 1: 1})), "partition 1: offset 0 was consumed 2 times")
        self.assertEqual(check(lines, kill=("a", {0: 0, 1: 0})), "partition 0: nobody consumed offset 0")

    def test_a_commit_went_back(self):
        lines = HANDED_OVER + "\nb LOST 1\na GAINED 1\na GOT 1 0 1:0"
        self.assertIn("partition 1: it was taken up at [0, 1, 0], so a commit went back", check(lines))

    def test_dropped_when_leaving(self):
        lines = HANDED_OVER.replace("b GOT 1 1 1:1", "b ENDED")
        self.assertEqual(check(lines), "partition 1: nobody consumed offset 1")
        self.assertEqual(check(lines, allows=["drops"]), "; 1 dropped by the library")

    def test_settled(self):
        trace = Trace(2)
        for line in HANDED_OVER.splitlines()[:-3]:
            trace.feed(line, 0)
        self.assertFalse(trace.settled(["a", "b"]), "b owns nothing")
        trace.feed("b GAINED 1", 0)
        self.assertFalse(trace.settled(["a", "b"]), "b has consumed nothing")
        trace.feed("b GOT 1 1 1:1", 0)
        self.assertTrue(trace.settled(["a", "b"]))
        self.assertFalse(trace.settled(["a"]))

    def test_not_of_the_contract(self):
        self.assertEqual(check(HANDED_OVER + "\na DONE"), "not a line of the contract: a DONE")


if __name__ == "__main__":
    unittest.main()
