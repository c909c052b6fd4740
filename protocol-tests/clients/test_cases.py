"""Further tries are taken, told, and end."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import cases


class Tries(unittest.TestCase):
    def check(self, outcomes, retries, passed, words):
        """`outcomes`: for each try, the error that it ends with, or none."""
        left = list(outcomes)

        def case(folder):
            self.assertEqual(list(folder.iterdir()), [], "what an earlier try left")
            (folder / "stderr.log").write_text("its last words\n")
            error = left.pop(0)
            if error:
                raise error
            return "it went well"

        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(cases.passes("a/b", case, pathlib.Path(folder) / "a-b", retries), passed)
        self.assertEqual([line.split()[0] for line in said.getvalue().splitlines()], words)
        self.assertEqual(left, [], "tries that were not taken")

    def test_tries(self):
        wrong = AssertionError("it went wrong")
        self.check([None], 1, True, ["ok"])
        self.check([wrong, None], 1, True, ["FAILED", "its", "AGAIN", "ok"])
        self.check([OSError(), wrong], 1, False, ["FAILED", "its", "AGAIN", "FAILED", "its"])
        self.check([wrong], 0, False, ["FAILED", "its"])
        with self.assertRaises(KeyError):
            self.check([KeyError()], 1, True, [])


if __name__ == "__main__":
    unittest.main()
