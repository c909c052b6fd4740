"""That the figures of transactions are refused when requests and transactions do not match."""
import copy
import unittest

import transaction_figures

FOUND = {
    "idempotent": {"acknowledged": [1.0, 2.0], "requests": {"Produce": 40}},
    "transactional": {"acknowledged": [1.0, 3.0], "committed": [5.0, 9.0], "commit": [1.0, 2.0], "transactions": 4,
                      "requests": {"Produce": 44, "AddPartitionsToTxn": 10, "EndTxn": 4}},
}


def changed(kind, name, number):
    found = copy.deepcopy(FOUND)
    found[kind]["requests"][name] = number
    return found


class Figures(unittest.TestCase):
    def test_extra_requests_are_counted_by_transaction(self):
        figures = transaction_figures.figures(FOUND)
        self.assertEqual(2.5, figures["AddPartitionsToTxn per transaction"])
        self.assertEqual(1.0, figures["EndTxn per transaction"])
        self.assertEqual(3.5, figures["extra requests per transaction"])
        self.assertEqual((40, 44), (figures["idempotent: Produce requests"], figures["transactional: Produce requests"]))

    def test_what_does_not_match_is_refused(self):
        for kind, name, number in [("transactional", "EndTxn", 5), ("transactional", "EndTxn", 3),
                                   ("transactional", "AddPartitionsToTxn", 3), ("idempotent", "EndTxn", 1)]:
            with self.subTest(kind=kind, name=name, number=number), self.assertRaises(transaction_figures.NotExact):
                transaction_figures.figures(changed(kind, name, number))


if __name__ == "__main__":
    unittest.main()
