"""What the auditor makes of batches, by hand."""
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import audit  # noqa: E402
import wire  # noqa: E402

PRODUCER = 7


def at(offset, data):
    return struct.pack(">q", offset) + data[8:]


def marker(offset, commits):
    """A control batch of one record, whose key is a version and what it does."""
    data = bytearray(wire.batch([b""], (PRODUCER, 0)))
    key = struct.pack(">hh", 0, commits)
    record = b"\0" + wire.varint(0) + wire.varint(0) + wire.varint(len(key)) + key + wire.varint(0) + wire.varint(0)
    records = wire.varint(len(record)) + record
    head = bytearray(data[:wire.BATCH_HEADER_BYTES])
    struct.pack_into(">i", head, 8, wire.BATCH_HEADER_BYTES - 12 + len(records))
    struct.pack_into(">h", head, 21, wire.TRANSACTIONAL | wire.CONTROL)
    return at(offset, bytes(head) + records)


class Committed(unittest.TestCase):
    def values(self, data, position=0, aborted=()):
        found, end = audit.committed(data, position, aborted)
        return [(offset, value) for offset, _, value in found], end

    def test_what_is_in_no_transaction(self):
        self.assertEqual(self.values(at(5, wire.batch([b"a", b"b"])), 6), ([(6, b"b")], 7))

    def test_committed_and_aborted(self):
        data = (at(0, wire.batch([b"gone"], (PRODUCER, 0))) + at(1, wire.batch([b"other"])) + marker(2, 0)
                + at(3, wire.batch([b"kept"], (PRODUCER, 0))) + marker(4, 1))
        self.assertEqual(self.values(data, aborted=[(PRODUCER, 0)]), ([(1, b"other"), (3, b"kept")], 5))

    def test_a_transaction_that_began_before_the_position(self):
        data = at(3, wire.batch([b"gone"], (PRODUCER, 0))) + marker(4, 0)
        self.assertEqual(self.values(data, 3, [(PRODUCER, 1)]), ([], 5))

    def test_not_aborted_if_nobody_says_so(self):
        self.assertEqual(self.values(at(0, wire.batch([b"a"], (PRODUCER, 0)))), ([(0, b"a")], 1))


if __name__ == "__main__":
    unittest.main()
