"""The files that the guide tells people to copy need no other file of this repository."""
import ast
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
# What a scenario's user has anyway.
CLIENTS = {"confluent_kafka"}


def imported(tree):
    """The top-level modules that a program imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or ".").partition(".")[0]


class Copies(unittest.TestCase):
    def test_python(self):
        tree = ast.parse((HERE / "cluster.py").read_text())
        self.assertLessEqual(set(imported(tree)), set(sys.stdlib_module_names) | CLIENTS)

    @unittest.skipUnless(shutil.which("javac"), "no javac")
    def test_java(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copy(HERE / "java" / "Cluster.java", folder)
            compiled = subprocess.run(["javac", "-Xlint:all", "-Werror", "-d", folder, copy], cwd=folder, capture_output=True, text=True)
            self.assertEqual((compiled.returncode, compiled.stderr), (0, ""))
