"""Figures of rolling replacements, by hand."""
import unittest

import rolling


def journal(callbacks, records=((), ())):
    return {"start": 10.0, "end": 20.0, "generations": 1, "callbacks": callbacks, "records": [list(times) for times in records]}


class Figures(unittest.TestCase):
    def check(self, callbacks, records=((), ()), **expected):
        found = rolling.figures(journal(callbacks, records), 2)
        short = {name.split(",")[0].replace(" ", "_"): value for name, value in found.items()}
        self.assertEqual({name: round(short[name], 6) for name in expected}, expected)

    def test_nobody_changes(self):
        self.check([[1.0, "gained", "a", [0, 1]]], longest_without_owner=0, total_without_owner=0, partitions_moved=0,
                   assign_callbacks=0, longest_without_a_record=10)

    def test_a_partition_moves(self):
        self.check([[1.0, "gained", "a", [0, 1]], [12.0, "lost", "a", [1]], [12.5, "gained", "b", [1]]],
                   longest_without_owner=0.5, total_without_owner=0.5, partitions_moved=1, assign_callbacks=1,
                   revoke_callbacks=1)

    def test_back_to_the_same_owner_is_no_move(self):
        self.check([[1.0, "gained", "a", [0, 1]], [12.0, "lost", "a", [0, 1]], [14.0, "gained", "a", [0, 1]]],
                   longest_without_owner=2, median_without_owner=2, total_without_owner=4, partitions_moved=0)

    def test_without_an_owner_until_the_end(self):
        self.check([[1.0, "gained", "a", [0, 1]], [17.0, "lost", "a", [1]], [21.0, "gained", "b", [1]]],
                   longest_without_owner=3, partitions_moved=0, assign_callbacks=0)

    def test_pauses_between_records(self):
        self.check([[1.0, "gained", "a", [0, 1]]], [[9.0, 11.0, 15.5, 19.0], [12.0, 14.0, 18.0, 25.0]],
                   longest_without_a_record=4.5)

    def test_two_owners(self):
        with self.assertRaises(SystemExit):
            rolling.figures(journal([[1.0, "gained", "a", [0]], [12.0, "gained", "b", [0]]]), 2)


if __name__ == "__main__":
    unittest.main()
