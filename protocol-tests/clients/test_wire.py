"""That the runner unpacks snappy: a literal, short and long copies, and copies of what they have just written."""
import unittest

import wire

UNPACKED = {
    "a literal": (b"\x04\x0cabcd", b"abcd"),
    "a literal with its length apart": (b"\x46\xf0\x45" + b"x" * 70, b"x" * 70),
    "a copy with one byte of distance": (b"\x08\x0cabcd\x01\x04", b"abcdabcd"),
    "a copy with two bytes of distance": (b"\x07\x0cabcd\x0a\x04\x00", b"abcdabc"),
    "a copy that overlaps itself": (b"\x09\x00a\x11\x01", b"aaaaaaaaa"),
    "a length of two bytes": (b"\x80\x01\xf0\x7f" + b"y" * 128, b"y" * 128),
}


class Snappy(unittest.TestCase):
    def test_blocks_are_unpacked(self):
        for what, (packed, plain) in UNPACKED.items():
            with self.subTest(what):
                self.assertEqual(plain, wire.unsnapped(packed))

    def test_frames_are_refused(self):
        with self.assertRaises(OSError):
            wire.unsnapped(b"\x82SNAPPY\0\0\0\0\1\0\0\0\1")


if __name__ == "__main__":
    unittest.main()
