"""The contract of ../README.md, shared by the Python programs: arguments, lines in, lines out, a member's report."""
import argparse
import os
import pathlib
import signal
import sys

DEADLINE_SECONDS = 60

# Each transaction in turn: the block of the input that it copies (None: records of its own), and how it ends.
BLOCK = 10
TRANSACTIONS = [(None, "commit"), (None, "abort"), (0, "commit"), (1, "abort"), (1, "commit"), (2, "abort"), (2, "open")]
INPUT_RECORDS = 3 * BLOCK
# The successor's own transaction, and what each zombie tries.
SUCCESSOR = len(TRANSACTIONS) + 1
ATTEMPTS = ["produce", "offsets", "commit"]
# The record at which reading ends.
LAST = b"last"


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
    for command in ("transactions", "successor"):
        transactions = commands.add_parser(command)
        for name in ("bootstrap", "input", "output", "group", "transactional-id"):
            transactions.add_argument(f"--{name}", required=True)
        transactions.add_argument("--session-ms", required=True, type=int)
        transactions.add_argument("--group-protocol", default="classic")
    read = commands.add_parser("read")
    for name in ("bootstrap", "topic", "isolation"):
        read.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def values_of(number, values=None):
    """What the transaction sends: these values, or records of its own."""
    return [b"%d:%s" % (number, value) for value in values or [f"own-{at}".encode() for at in range(BLOCK)]]


def transactions(consumed):
    """(values, the input's offset or None, how it ends) of each transaction, given the input's values."""
    for number, (block, end) in enumerate(TRANSACTIONS, 1):
        values = None if block is None else consumed[block * BLOCK:(block + 1) * BLOCK]
        yield values_of(number, values), None if block is None else (block + 1) * BLOCK, end


def attempts():
    """(what the zombie tries, its values, those of who fences it) of each zombie."""
    for at, attempt in enumerate(ATTEMPTS):
        yield attempt, values_of(SUCCESSOR + 2 * at + 1), values_of(SUCCESSOR + 2 * at + 2)


def opened():
    """Says that the transaction is open; the runner kills the process."""
    print("OPEN", flush=True)


def tried(attempt, error):
    """Says what the zombie's attempt met, None if it was allowed."""
    print(f"REFUSED {attempt} {error}" if error else f"ALLOWED {attempt}", flush=True)


def main(produce_and_consume, consume_in_group, transact, succeed, read):
    args = arguments()
    if args.command == "roundtrip":
        round_trip(args, produce_and_consume)
    elif args.command == "group":
        consume_in_group(args, Report(args.member))
    elif args.command == "read":
        for value in read(args.bootstrap, args.topic, args.isolation):
            print(value.decode())
    else:
        {"transactions": transact, "successor": succeed}[args.command](args)


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
