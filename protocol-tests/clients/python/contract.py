"""The contract of ../README.md, shared by the Python programs: arguments, lines in, lines out, a member's report."""
import argparse
import os
import pathlib
import signal
import sys

DEADLINE_SECONDS = 60

# Each transaction in turn: the block of the input that it copies (None: records of its own), and whether it commits.
BLOCK = 10
TRANSACTIONS = [(None, True), (None, False), (0, True), (1, False), (1, True), (2, False)]
INPUT_RECORDS = 3 * BLOCK


def arguments():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    trip = commands.add_parser("roundtrip")
    trip.add_argument("--bootstrap", required=True)
    trip.add_argument("--topic", required=True)
    trip.add_argument("--input", required=True, type=pathlib.Path)
    trip.add_argument("--output", required=True, type=pathlib.Path)
    trip.add_argument("--codecs", required=True)
    group = commands.add_parser("group")
    for name in ("bootstrap", "topic", "group", "member", "mode"):
        group.add_argument(f"--{name}", required=True)
    group.add_argument("--session-ms", required=True, type=int)
    group.add_argument("--instance")
    transactions = commands.add_parser("transactions")
    for name in ("bootstrap", "input", "output", "group", "transactional-id"):
        transactions.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def transactions(consumed):
    """(values, the input's offset or None, whether it commits) of each transaction, given the input's values."""
    own = [f"own-{at}".encode() for at in range(BLOCK)]
    for number, (block, commits) in enumerate(TRANSACTIONS, 1):
        values = own if block is None else consumed[block * BLOCK:(block + 1) * BLOCK]
        offset = None if block is None else (block + 1) * BLOCK
        yield [b"%d:%s" % (number, value) for value in values], offset, commits


def main(produce_and_consume, consume_in_group, transact):
    args = arguments()
    if args.command == "roundtrip":
        round_trip(args, produce_and_consume)
    elif args.command == "transactions":
        transact(args)
    else:
        consume_in_group(args, Report(args.member))


def round_trip(args, produce_and_consume):
    """Calls `produce_and_consume(bootstrap, topic, codec, lines)` for each codec, writes what it returns."""
    lines = args.input.read_bytes().splitlines()
    for codec in args.codecs.split(","):
        values = produce_and_consume(args.bootstrap, f"{args.topic}-{codec}", codec, lines)
        with open(args.output / codec, "wb") as out:
            for value in values:
                out.write(value + b"\n")
        print(f"DONE {codec} {len(values)}", flush=True)
    sys.exit(0)


class Report:
    """What a member says: whole lines, each in one write, into the pipe that it shares with the others."""

    def __init__(self, member):
        self.member = member
        self.leaving = False

    def leave_on_sigterm(self):
        """From now on `leaving` tells whether SIGTERM came."""
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "leaving", True))

    def say(self, text):
        os.write(1, f"{self.member} {text}\n".encode())

    def gained(self, partitions):
        self.say(f"GAINED {','.join(map(str, partitions))}")

    def lost(self, partitions):
        self.say(f"LOST {','.join(map(str, partitions))}")

    def got(self, partition, offset, value):
        self.say(f"GOT {partition} {offset} {value.decode()}")
