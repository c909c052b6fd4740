"""The contract of ../README.md, shared by the Python programs: arguments, lines in, lines out."""
import argparse
import pathlib
import sys

DEADLINE_SECONDS = 60


def arguments():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    trip = commands.add_parser("roundtrip")
    trip.add_argument("--bootstrap", required=True)
    trip.add_argument("--topic", required=True)
    trip.add_argument("--input", required=True, type=pathlib.Path)
    trip.add_argument("--output", required=True, type=pathlib.Path)
    trip.add_argument("--codecs", required=True)
    return parser.parse_args()


def round_trip(produce_and_consume):
    """Calls `produce_and_consume(bootstrap, topic, codec, lines)` for each codec, writes what it returns."""
    args = arguments()
    lines = args.input.read_bytes().splitlines()
    for codec in args.codecs.split(","):
        values = produce_and_consume(args.bootstrap, f"{args.topic}-{codec}", codec, lines)
        with open(args.output / codec, "wb") as out:
            for value in values:
                out.write(value + b"\n")
        print(f"DONE {codec} {len(values)}", flush=True)
    sys.exit(0)
