"""What the runners of groups, transactions and streams share: their arguments, the broker, further tries, the last line."""
import argparse
import concurrent.futures
import contextlib
import pathlib
import shutil
import subprocess
import sys
import time

import fauxka
import oracle
import run


def arguments(description, names):
    """A parser of what all of them take; `names` is what names pick."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("names", nargs="*", help=f"{names}, all of them by default")
    parser.add_argument("--bootstrap", help="HOST:PORT of a running broker")
    parser.add_argument("--oracle", action="store_true", help="start Apache Kafka")
    parser.add_argument("--parallel", type=int, default=3, help="how many at a time")
    parser.add_argument("--retries", type=int, default=0, help="how often what failed gets another try")
    parser.add_argument("--cache", type=pathlib.Path, default=run.ROOT / "target" / "clients")
    parser.add_argument("--list", action="store_true", help="print the names")
    return parser


def parsed(parser, kind, names, picking=()):
    """The options. `names` are those that --list prints, `picking` others that pick several of them."""
    options = parser.parse_args()
    unknown = set(options.names) - set(names) - set(picking)
    if unknown:
        parser.error(f"no {kind} named {', '.join(sorted(unknown))}")
    if options.list:
        print("\n".join(names))
        sys.exit()
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def lacks(name, missing, count, cases=1):
    """Says that what so many cases need is not there."""
    print(f"{missing.word} {name}: {missing}", flush=True)
    count[missing.verdict] += cases


def passes(name, case, folder, retries):
    """Prints what became of a case and returns whether it passed. `case(folder)` returns what there is to say."""
    for attempt in range(retries + 1):
        if attempt:
            print(f"AGAIN   {name}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        started = time.monotonic()
        try:
            told = case(folder)
            print(f"ok      {name} {time.monotonic() - started:.1f}s: {told}", flush=True)
            return True
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            print(f"FAILED  {name} {time.monotonic() - started:.1f}s: {error}; see {folder}{run.last_words(folder)}", flush=True)
    return False


@contextlib.contextmanager
def broker(kind, options, settings):
    if options.bootstrap:
        yield options.bootstrap
    elif options.oracle:
        with oracle.running(settings) as bootstrap:
            yield bootstrap
    else:
        settings = [word for line in settings for word in ("--config", line)]
        with fauxka.running(options.cache / f"fauxka-{kind}.log", *settings) as bootstrap:
            yield bootstrap


def run_all(kind, cases, count, options, settings=None):
    """Runs {name: case} on a broker with these settings, whose address they find in the options; without settings each case
    starts its own. Ends the program."""
    folders = options.cache / kind
    shared = broker(kind, options, settings) if settings is not None else contextlib.nullcontext(options.bootstrap)
    if cases:
        with shared as options.bootstrap, concurrent.futures.ThreadPoolExecutor(options.parallel) as pool:
            for passed in pool.map(lambda name: passes(name, cases[name], folders / name.replace("/", "-"), options.retries), cases):
                count["passed" if passed else "failed"] += 1
    print(f"{kind}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)
