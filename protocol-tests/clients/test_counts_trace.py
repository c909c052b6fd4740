"""Each rule of counts_trace.py, kept and broken. Run by `python3 -m unittest`."""
import collections
import unittest

from counts_trace import Trace, words

COUNTED = """\
0 0 LETTER 1
0 1 LETTER 2
1 0 SMALL 1
0 5 LETTER 3"""


def check(lines, **wanted):
    trace = Trace()
    for line in lines.splitlines():
        trace.feed(line)
    return trace.verdict(collections.Counter(wanted))


class Rules(unittest.TestCase):
    def test_words(self):
        self.assertEqual(words("0041;LATIN CAPITAL LETTER A;Lu;;"), ["0041", "LATIN", "CAPITAL", "LETTER", "A", "Lu"])

    def test_keeps_all_rules(self):
        self.assertEqual(check(COUNTED, LETTER=3, SMALL=1), [])

    def test_a_count_goes_back(self):
        lines = COUNTED + "\n0 6 LETTER 2\n0 7 LETTER 3"
        self.assertEqual(check(lines, LETTER=3, SMALL=1), ["LETTER: 2 came after 3, in partition 0 at 6"])

    def test_a_count_is_left_out(self):
        lines = COUNTED.replace("0 1 LETTER 2\n", "")
        self.assertEqual(check(lines, LETTER=3, SMALL=1), ["LETTER: 3 came after 1, in partition 0 at 5"])

    def test_the_end_is_wrong(self):
        self.assertEqual(check(COUNTED, LETTER=4, SMALL=1), ["LETTER: 3 in the end, not 4"])
        self.assertEqual(check(COUNTED, LETTER=3), ["SMALL: 1 in the end, not 0"])
        self.assertEqual(check(COUNTED, LETTER=3, SMALL=1, DIGIT=2), ["DIGIT: 0 in the end, not 2"])

    def test_two_homes(self):
        lines = COUNTED + "\n1 1 LETTER 4"
        self.assertEqual(check(lines, LETTER=4, SMALL=1), ["LETTER is in partitions 0 and 1"])

    def test_offsets_go_back(self):
        lines = COUNTED + "\n0 4 LETTER 4"
        self.assertEqual(check(lines, LETTER=4, SMALL=1), ["partition 0: offset 4 came after 5"])


if __name__ == "__main__":
    unittest.main()
