#!/usr/bin/env python3
"""Sends a real file through unmodified Kafka clients and back: see README.md.

Without --bootstrap it starts the built broker. Names pick clients; none means all of them.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import fauxka
import toolchains
import wire

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM_SECONDS = 120

# name: what it is, `command(cache)` that installs it and returns its argv, and the codecs that it lacks.
Client = collections.namedtuple("Client", "name command lacks", defaults=[()])


def kcat(*arguments):
    def command(cache):
        toolchains.kcat(cache)
        return [HERE / "kcat" / "kcat.sh", *arguments]
    return command


def python(program):
    return lambda cache: [toolchains.python(cache) / "bin" / "python", "-B", HERE / "python" / program]


def go(program):
    return lambda cache: [toolchains.go(cache) / program]


def java(main, jars="jars"):
    return lambda cache: toolchains.java_command(toolchains.java(cache), main, jars=jars)


def node(package, program=None):
    def command(cache):
        modules = toolchains.node(cache, package) / "node_modules"
        return ["env", f"NODE_PATH={modules}", "KAFKAJS_NO_PARTITIONER_WARNING=1", "node", HERE / "node" / (program or f"{package}.js")]
    return command


def rust(program):
    return lambda cache: [toolchains.rust(cache) / program]


CLIENTS = [
    Client("kcat", kcat()),
    Client("kcat-idempotent", kcat("-X", "enable.idempotence=true")),
    Client("java-console", java("ConsoleClient")),
    Client("confluent-python", python("confluent_kafka_client.py")),
    Client("kafka-python", python("kafka_python_client.py")),
    Client("aiokafka", python("aiokafka_client.py")),
    Client("franz-go", go("franz-go")),
    Client("sarama", go("sarama")),
    Client("kafka-go", go("kafka-go")),
    Client("kafkajs", node("kafkajs"), lacks=("lz4", "zstd")),
    Client("confluent-javascript", node("confluent")),
    Client("rdkafka", rust("rdkafka")),
    Client("rskafka", rust("rskafka")),
]


def run_program(argv, log):
    """What the program printed. Its whole process group ends with it or at the deadline."""
    with open(log, "w") as errors:
        process = subprocess.Popen(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                   text=True, start_new_session=True)
        try:
            printed, _ = process.communicate(timeout=PROGRAM_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {PROGRAM_SECONDS} s")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, f"exit status {process.returncode}"
    return printed


def check_codec(bootstrap, topic, codec, data, output):
    got = output.read_bytes() if output.exists() else b""
    if got != data:
        at = next((i for i, (a, b) in enumerate(zip(got, data)) if a != b), min(len(got), len(data)))
        raise AssertionError(f"{codec}: {len(got)} bytes came back for {len(data)}, different from byte {at}")
    found = wire.batches(bootstrap, topic)
    records = sum(count for _, count, _ in found)
    assert records == data.count(b"\n"), f"{codec}: {records} records are in the log"
    # A client may leave a batch that does not shrink as it is.
    codecs = {name for _, _, name in found}
    assert codec in codecs <= {codec, "none"}, f"{codec}: the log holds {codecs}"


def round_trip(client, options, folder):
    argv = client.command(options.cache)
    if options.install_only:
        return
    topic = f"{client.name}-{os.getpid()}-{time.time_ns() % 10**9}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    printed = run_program([*argv, "roundtrip", "--bootstrap", options.bootstrap, "--topic", topic, "--input", options.input,
                           "--output", folder, "--codecs", ",".join(options.codecs)], folder / "stderr.log")
    data = options.input.read_bytes()
    done = {line.split()[1]: line.split()[0] for line in printed.splitlines() if line.startswith(("DONE ", "UNSUPPORTED "))}
    for codec in options.codecs:
        expected = "UNSUPPORTED" if codec in client.lacks else "DONE"
        assert done.get(codec) == expected, f"{codec}: {done.get(codec, 'nothing')} in place of {expected}"
        if expected == "DONE":
            check_codec(options.bootstrap, f"{topic}-{codec}", codec, data, folder / codec)


def last_words(folder):
    log = folder / "stderr.log"
    lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
    return "".join(f"\n    {line}" for line in lines)


def verdict_of(client, options, folder):
    """(verdict, the line to print)"""
    started = time.monotonic()
    try:
        round_trip(client, options, folder)
        lacking = f" (lacks {', '.join(client.lacks)})" if client.lacks else ""
        return "passed", f"ok      {client.name} {time.monotonic() - started:.1f}s{lacking}"
    except toolchains.Missing as missing:
        return missing.verdict, f"{missing.word} {client.name}: {missing}"
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return "failed", f"FAILED  {client.name}: {error}; see {folder}{last_words(folder)}"


def run_clients(clients, options):
    count = collections.Counter()
    for client in clients:
        for attempt in range(options.retries + 1):
            if attempt:
                print(f"AGAIN   {client.name}", flush=True)
            verdict, text = verdict_of(client, options, options.cache / "run" / client.name)
            print(text, flush=True)
            if verdict != "failed":
                break
        count[verdict] += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="clients to run, all of them by default")
    parser.add_argument("--bootstrap", help="HOST:PORT of a running broker")
    parser.add_argument("--input", type=pathlib.Path, default=ROOT / "fixtures" / "unicode" / "UnicodeData.txt")
    parser.add_argument("--codecs", type=lambda text: text.split(","), default=list(wire.CODECS))
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "clients")
    parser.add_argument("--install-only", action="store_true", help="install and build, run nothing")
    parser.add_argument("--retries", type=int, default=0, help="how often a failed client gets another try")
    parser.add_argument("--list", action="store_true", help="print the clients' names")
    options = parser.parse_args()
    unknown = set(options.names) - {client.name for client in CLIENTS}
    if unknown:
        parser.error(f"no client named {', '.join(sorted(unknown))}")
    clients = [client for client in CLIENTS if not options.names or client.name in options.names]
    if options.list:
        print("\n".join(client.name for client in clients))
        return
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if not (options.bootstrap or options.install_only):
            options.bootstrap = stack.enter_context(fauxka.running(options.cache / "fauxka.log"))
        count = run_clients(clients, options)
    print(f"clients: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
