"""Rules of the soak, each with what must break it."""
import unittest

import rules


def written(*records, is_idempotent=True):
    """A topic of one partition in which the auditor has read these records."""
    topic = rules.Written("orders", 1, is_idempotent)
    for offset, record in enumerate(records):
        topic.read(0, offset, f"{record}/...")
    return topic


class Broken(unittest.TestCase):
    def broken(self, rule, *words):
        """Exactly one fault, with these words."""
        self.assertEqual(len(rule.faults), 1, rule.faults)
        for word in words:
            self.assertIn(word, rule.faults[0])

    def kept(self, rule):
        rule.finish()
        self.assertEqual(rule.faults, [])


class Written(Broken):
    def test_acknowledged_before_and_after_it_is_read(self):
        topic = rules.Written("orders", 1, True)
        topic.ack("a/0/0", 0, 0)
        topic.read(0, 0, "a/0/0/...")
        topic.read(0, 1, "a/0/1/...")
        topic.ack("a/0/1", 0, 1)
        topic.ack("a/0/1", 0, -1)
        self.kept(topic)

    def test_what_nobody_knows_the_outcome_of_may_be_there_or_not(self):
        self.kept(written("a/0/0", "a/0/3"))

    def test_lost(self):
        topic = written("a/0/0")
        topic.ack("a/0/1", 0, 1)
        topic.finish()
        self.broken(topic, "a/0/1", "not there")

    def test_lost_and_its_place_taken(self):
        for is_read_first in (True, False):
            topic = written(*["a/0/1"] * is_read_first)
            topic.ack("a/0/0", 0, 0)
            if not is_read_first:
                topic.read(0, 0, "a/0/1/...")
            self.broken(topic, "a/0/0 was acknowledged", "there is a/0/1")

    def test_lost_without_a_place(self):
        topic = written("a/0/0")
        topic.ack("a/0/1", 0, -1)
        topic.finish()
        self.broken(topic, "a/0/1", "nowhere")

    def test_doubled(self):
        self.broken(written("a/0/0", "a/0/0"), "a/0/0 came after a/0/0")

    def test_doubled_batch(self):
        self.assertEqual(len(written("a/0/0", "a/0/1", "a/0/0", "a/0/1").faults), 2)

    def test_out_of_order(self):
        self.broken(written("a/0/1", "b/0/0", "a/0/0"), "a/0/0 came after a/0/1")

    def test_a_key_in_two_partitions(self):
        topic = rules.Written("orders", 2, True)
        topic.read(0, 0, "a/0/0/...")
        topic.read(1, 0, "a/0/1/...")
        self.broken(topic, "a/0 is in partitions 0 and 1")

    def test_without_idempotence_a_retry_doubles(self):
        topic = written("a/0/0", "a/0/1", "a/0/0", "a/0/1", is_idempotent=False)
        self.assertEqual(topic.repeated, 2)
        self.kept(topic)

    def test_a_hole_in_the_log(self):
        topic = written("a/0/0")
        topic.read(0, 2, "a/0/1/...")
        self.broken(topic, "offset 2 came after 0")


class Taken(Broken):
    def setUp(self):
        self.topic = written("a/0/0", "a/0/1", "a/0/2")
        self.group = rules.Taken("classic", self.topic)

    def got(self, member, *offsets):
        for offset in offsets:
            self.group.got(member, 0, offset, f"a/0/{offset}/...")

    def test_a_successor_repeats_what_was_not_committed(self):
        self.got("m", 0, 1)
        self.got("n", 1, 2)
        self.assertEqual(self.group.repeated, 1)
        self.kept(self.group)

    def test_pipes_may_be_read_in_another_order(self):
        self.got("n", 2)
        self.assertFalse(self.group.reached({0: 3}))
        self.got("m", 0, 1)
        self.assertTrue(self.group.reached({0: 3}))
        self.kept(self.group)

    def test_a_member_may_be_ahead_of_the_auditor(self):
        self.got("m", 0, 1, 2, 3)
        self.topic.read(0, 3, "a/0/3/...")
        self.kept(self.group)

    def test_skipped(self):
        self.got("m", 0, 2)
        self.group.finish()
        self.broken(self.group, "1 records", "first at 1")

    def test_never_reached(self):
        self.got("m", 0, 1)
        self.group.finish()
        self.broken(self.group, "first at 2")

    def test_back_without_a_rebalance(self):
        self.got("m", 0, 1, 2, 1)
        self.broken(self.group, "m got offset 1 of partition 0 after 2")

    def test_back_after_a_rebalance(self):
        self.got("m", 0, 1, 2)
        self.group.begins("m", [0])
        self.got("m", 1, 2)
        self.kept(self.group)

    def test_another_record(self):
        self.group.got("m", 0, 0, "a/0/1/...")
        self.broken(self.group, "handed out as a/0/1", "there is a/0/0")

    def test_a_record_that_is_not_there(self):
        self.got("m", 0, 1, 2, 3)
        self.group.finish()
        self.broken(self.group, "offset 3", "not there")


class Copied(Broken):
    def copied(self, *values):
        topic = rules.Copied("copies", written("a/0/0", "a/0/1", "a/0/2"))
        for offset, value in enumerate(values):
            topic.read(0, offset, value)
        return topic

    def test_each_once(self):
        self.kept(self.copied("0/0", "0/1", "0/2"))

    def test_twice(self):
        self.broken(self.copied("0/0", "0/1", "0/1"), "0/1 was copied again")

    def test_left_out(self):
        self.broken(self.copied("0/0", "0/2"), "0/1 to 0/1 were not copied")

    def test_aborted(self):
        self.broken(self.copied("0/0", "aborted/0/1"), "aborted transaction")

    def test_not_to_the_end(self):
        topic = self.copied("0/0", "0/1")
        topic.finish()
        self.broken(topic, "up to 2 of 3")


class Shared(Broken):
    def setUp(self):
        self.group = rules.Shared("share", written("a/0/0", "a/0/1"))

    def test_again_after_a_lock_has_ended(self):
        self.group.got("m", 0, 0, 1)
        self.group.got("n", 0, 0, 2)
        self.group.acknowledged("n", 0, "NONE")
        self.group.acknowledged("m", 0, "INVALID_RECORD_STATE")
        self.group.got("n", 0, 1, 1)
        self.kept(self.group)

    def test_a_late_answer_of_an_earlier_delivery(self):
        self.group.got("n", 0, 0, 2)
        self.group.acknowledged("n", 0, "NONE")
        self.group.got("m", 0, 0, 1)
        self.assertEqual(self.group.faults, [])

    def test_again_after_it_was_acknowledged(self):
        self.group.got("m", 0, 0, 1)
        self.group.acknowledged("m", 0, "NONE")
        self.group.got("n", 0, 0, 2)
        self.broken(self.group, "offset 0", "after delivery 1 had been acknowledged")

    def test_again_after_a_snapshot_was_put_back(self):
        self.group.is_certain = False
        self.group.got("m", 0, 0, 1)
        self.group.acknowledged("m", 0, "NONE")
        self.group.is_certain = True
        self.group.got("n", 0, 0, 2)
        self.assertEqual(self.group.faults, [])

    def test_never_delivered(self):
        self.group.got("m", 0, 1, 1)
        self.group.finish()
        self.broken(self.group, "1 records", "first at 0")


class Counted(Broken):
    def counted(self, *counts):
        topic = rules.Counted("counts")
        topic.wrote(["a", "a"])
        for offset, count in enumerate(counts):
            topic.read(0, offset, "a", count)
        return topic

    def test_each_once(self):
        self.kept(self.counted(1, 2))

    def test_twice(self):
        topic = self.counted(1, 2, 2)
        self.broken(topic, "2 came after 2")

    def test_too_few(self):
        topic = self.counted(1)
        topic.finish()
        self.broken(topic, "1 in the end, not 2")

    def test_in_two_partitions(self):
        topic = self.counted(1)
        topic.read(1, 0, "a", 2)
        self.broken(topic, "in partitions 0 and 1")


class Memory(unittest.TestCase):
    def test_flat(self):
        self.assertTrue(rules.is_flat([200 << 20, 230 << 20, 190 << 20, 210 << 20, 205 << 20, 222 << 20]))

    def test_grows(self):
        self.assertFalse(rules.is_flat([mebibytes << 20 for mebibytes in range(200, 320, 10)]))


if __name__ == "__main__":
    unittest.main()
