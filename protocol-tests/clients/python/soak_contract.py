"""The contract of the soak in ../README.md, shared by its Python programs: arguments, the runner's words, and a report."""
import argparse
import faulthandler
import os
import signal
import sys
import threading

ABORTS_EVERY = 7


def arguments():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    load = commands.add_parser("load")
    copy = commands.add_parser("copy")
    for command in (load, copy):
        command.add_argument("--bootstrap", required=True)
        command.add_argument("--name", required=True)
        command.add_argument("--pause-ms", required=True, type=int)
    for name in ("topic", "idempotent"):
        load.add_argument(f"--{name}", required=True)
    for name in ("keys", "padding"):
        load.add_argument(f"--{name}", required=True, type=int)
    for name in ("input", "output", "group", "transactional-id", "mode"):
        copy.add_argument(f"--{name}", required=True)
    for name in ("session-ms", "transaction-ms"):
        copy.add_argument(f"--{name}", required=True, type=int)
    return parser.parse_args()


def say(*words):
    """A line in one write."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Told:
    """What the runner says on standard input, whose end stops the program."""

    def __init__(self):
        # As Java and Go do: the runner asks so where somebody is who does not go on.
        faulthandler.register(signal.SIGQUIT)
        self.changed, self.pausing, self.stopping = threading.Condition(), False, False
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in sys.stdin:
            self.change(line.strip() == "PAUSE", line.strip() == "STOP")
        self.change(False, True)

    def change(self, pausing, stopping):
        with self.changed:
            self.pausing, self.stopping = pausing, self.stopping or stopping
            self.changed.notify_all()

    def pause(self):
        """Says so, and waits for as long as it is to pause."""
        say("PAUSED")
        with self.changed:
            self.changed.wait_for(lambda: self.stopping or not self.pausing)


def copies(records, aborts):
    """(partition, value) of the copy of each (partition, offset)."""
    return [(partition, f"{'aborted/' if aborts else ''}{partition}/{offset}".encode()) for partition, offset in records]


def ends(records):
    """{partition: offset after the last} of (partition, offset) pairs."""
    return {partition: offset + 1 for partition, offset in records}


def starts(records):
    """{partition: first offset} of (partition, offset) pairs."""
    return {partition: offset for partition, offset in reversed(records)}
