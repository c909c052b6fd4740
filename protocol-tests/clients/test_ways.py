"""A page is read as a person reads it, and whatever goes wrong on the way is told."""
import os
import pathlib
import tempfile
import unittest

import ways

PAGE = """# Page

Start it in one terminal:

```sh
serve
```

## One

Do:

```sh
install it
```

`a/b.txt`:

<!-- file: first/b.txt -->
```text
words
```

Add to `Cargo.toml`:

```toml
[x]
```

<!-- output: one -->
```text
1 passed
```

It may fail:

```text
error
```

## Two
"""


class Ways(unittest.TestCase):
    def test_steps(self):
        self.assertEqual(list(ways.steps(ways.section(PAGE, "# Page"))), [(ways.START, None, "serve\n")])
        self.assertEqual(list(ways.steps(ways.section(PAGE, "## One"))), [
            (ways.RUN, None, "install it\n"),
            (ways.WRITE, "a/b.txt", "words\n"),
            (ways.APPEND, "Cargo.toml", "[x]\n"),
            (ways.SHOWN, None, "1 passed\n"),
        ])
        with self.assertRaises(AssertionError):
            ways.section(PAGE, "## Three")

    def test_every_way_has_files_commands_and_output(self):
        for way in ways.WAYS:
            pages = [(ways.DOCS / page).read_text() for page, _ in way.sections]
            kinds = {step.kind for page, (_, heading) in zip(pages, way.sections) for step in ways.steps(ways.section(page, heading))}
            self.assertLessEqual({ways.WRITE, ways.RUN, ways.SHOWN}, kinds, way.name)

    def test_session(self):
        with tempfile.TemporaryDirectory() as folder, ways.Session(folder, os.environ) as session:
            session.run("mkdir inner\ncd inner\nexport NAME=x")
            printed, at = session.run('echo "$NAME"')
            self.assertEqual((printed.strip(), at), ("x", pathlib.Path(folder).resolve() / "inner"))
            with self.assertRaisesRegex(ways.Failed, "status 3.*\n.*words"):
                session.run("echo words\n(exit 3)")


if __name__ == "__main__":
    unittest.main()
