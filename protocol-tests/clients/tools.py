#!/usr/bin/env python3
"""Kafka's command-line tools and kcat -L print against the broker what they print against Apache Kafka.

The transcripts in fixtures/tools hold the commands and what they printed. --record runs them against Apache Kafka,
started here and nowhere else, and writes them again. Each transcript gets a fresh broker, or with a line `# nodes: 3` three.

Lines `# settings: KEY=VALUE …` and `# users: NAME:PASSWORD …` say how brokers are started: with users clients log in by SASL.

A line `TOOL ARGUMENT… &` starts a tool that stays until the line `kill` tells all such tools to end. `until PATTERN LINE`
repeats a line until it prints what the regular expression, without blanks, matches; what it printed last is compared.
"""
import argparse
import collections
import contextlib
import datetime
import difflib
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import threading
import time

import fauxka
import oracle
import toolchains

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures" / "tools"
TOOL_SECONDS = 90
STAY_SECONDS = 600
PROMPT = "$ "

# A resource's ACLs: the tool has them in no order.
ACLS = r"^\w+ ACLs for resource .*\n(?:[ \t]+\(principal=.*\n)+\s*\n"


# A delegation token: who has it, and when it was issued, expires and ends.
TOKEN = r"^[\w-]{22} [\w+/]{86}== (.*?)((?: \d{4}-\d\d-\d\dT\d\d:\d\d){3})[ \t]*\n"


def token(found):
    """Its times in minutes from when it was issued."""
    times = [datetime.datetime.fromisoformat(text) for text in found[2].split()]
    return f"<id> <hmac> {found[1]} <issued>" + "".join(f" +{(time - times[0]) // datetime.timedelta(minutes=1)}min" for time in times[1:]) + "\n"


def sorted_acls(text):
    head, *rows = text.split("\n")
    return "\n".join([head, *sorted(f"\t{row.strip()}" for row in rows if row.strip()), "", ""])


# What differs from run to run or is of no meaning, and what stands for it.
NORMAL = [
    (re.compile(r"(?<= tokenId : )[\w-]{22}"), "<id>"),
    (re.compile(TOKEN, re.M), token),
    (re.compile(r"(?:^\s*\n<id> <hmac> .*\n)+", re.M), lambda found: "".join(f"\n{row}\n" for row in sorted(found[0].split("\n")) if row.strip())),
    (re.compile(r"(TopicId: |ClusterId: +|Cluster ID: |directoryId=|\"directoryId\": \"|\"topicId\":\")[\w-]{22}"), r"\1<id>"),
    (re.compile(r"^(\d+ +\t)[\w-]{22}(\t)\d+ +\t\d+ +", re.M), r"\1<id>\2<offset>\t<lag>"),
    (re.compile(r"^(LeaderEpoch|HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs)(: +)-?\d+$", re.M), r"\1\2<number>"),
    (re.compile(r"(\bEpoch: )\d+\s*$", re.M), r"\1<number>"),
    (re.compile(r"\b(127\.0\.0\.1|localhost)([: ])\d{4,5}\b"), r"\1\2<port>"),
    (re.compile(r"(\"logDir\":\"|\"log_dirs\":\[\")[^\"]*"), r"\1<folder>"),
    (re.compile(r"( from log dir )\S+( to )"), r"\1<folder>\2"),
    (re.compile(r",\"/[^\"]*\""), ',"<folder>"'),
    (re.compile(r"\"size\":[1-9]\d*"), '"size":<bytes>'),
    (re.compile(r"(\{\"partition\":\"[^}]*\},?)+"), lambda found: ",".join(sorted(re.findall(r"\{[^}]*\}", found[0])))),
    (re.compile(r"^(\t\w+\(\d+\): .*),$", re.M), r"\1"),
    (re.compile(r"\b1[5-9]\d{11}\b"), "<time>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=\s)[\w-]{22}(?= +(?:/|streams |[0-9a-f]{8}-))"), "<member>"),
    (re.compile(r"Request Request\(.*\) needs "), "Request <request> needs "),
    (re.compile(r"^\tat .*\n", re.M), ""),
    (re.compile(r"^\d+ records sent, .* max latency\.\n(?=\d+ records sent)", re.M), ""),
    (re.compile(r"^(\d+ records sent), .*$", re.M), r"\1"),
    (re.compile(r"(\t<time> +\t)\d+"), r"\1<millis>"),
    (re.compile(r"^Option +Description.*", re.M | re.S), "<options>\n"),
    (re.compile(rf"(?:{ACLS})+", re.M), lambda found: "".join(sorted(map(sorted_acls, re.findall(ACLS, found[0], re.M))))),
    (re.compile(r"(?<=only supports operations \[)[A-Z_, ]+(?=\])"), lambda found: ", ".join(sorted(found[0].split(", ")))),
]


class Driver:
    """The JVM that runs the tools, one after another."""

    def __init__(self, command, folder, log):
        self.process = subprocess.Popen(list(map(str, command)), cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log)

    def start(self, words, given):
        """Has it run the tool, and does not wait."""
        texts = [word.encode() for word in words] + [given]
        request = struct.pack(">i", len(words)) + b"".join(struct.pack(">i", len(text)) + text for text in texts)
        self.process.stdin.write(request)
        self.process.stdin.flush()

    def run(self, words, given):
        """(exit status, all that it printed)"""
        watchdog = threading.Timer(TOOL_SECONDS, self.process.kill)
        watchdog.start()
        try:
            self.start(words, given)
            status, length = struct.unpack(">ii", self.process.stdout.read(8))
            return status, self.process.stdout.read(length).decode()
        except (OSError, struct.error):
            raise SystemExit(f"the tools' JVM ended at {shlex.join(words)}") from None
        finally:
            watchdog.cancel()

    def end(self):
        """Asks it to end, as a user does who is tired of a tool."""
        self.process.terminate()
        self.process.wait(TOOL_SECONDS)

    def close(self):
        self.process.kill()
        self.process.wait()


class Tools:
    """A JVM for the tools that end by themselves, and one for each that stays."""

    def __init__(self, make_driver):
        self.make_driver = make_driver
        self.driver = make_driver()
        self.staying = []

    def stay(self, words):
        self.staying.append(self.make_driver())
        self.staying[-1].start(words, b"")

    def end_staying(self):
        for driver in self.staying:
            driver.end()
        self.staying.clear()

    def close(self):
        for driver in [self.driver, *self.staying]:
            driver.close()


def perform(line, tools, bootstrap, folder):
    """(exit status, output) of a line `[echo WORD… |] TOOL ARGUMENT…` or `echo TEXT > FILE`, in which `\\n` ends a line."""
    if line.startswith("until "):
        _, wanted, line = line.split(" ", 2)
        deadline = time.monotonic() + TOOL_SECONDS
        while True:
            status, printed = perform(line, tools, bootstrap, folder)
            if re.search(wanted, printed) or time.monotonic() > deadline:
                return status, printed
    given, _, command = line.rpartition(" | ")
    given = "".join(word + "\n" for word in shlex.split(given)[1:]).encode()
    words = shlex.split(command)
    if words == ["kill"]:
        tools.end_staying()
        return 0, ""
    if words[0] == "echo" and words[-2] == ">":
        (folder / words[-1]).write_text(" ".join(words[1:-2]).replace("\\n", "\n"))
        return 0, ""
    if words[0] == "kcat":
        done = subprocess.run([words[0], "-b", bootstrap, *words[1:]], input=given, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TOOL_SECONDS)
        return done.returncode, done.stdout.decode()
    # Tools with sub-commands differ in where they look for it.
    at = 2 if words[0] == "kafka-cluster" else 1
    stays = words[-1] == "&"
    option = "--bootstrap" if words[0] == "word-count" else "--bootstrap-server"
    words = [*words[:at], option, bootstrap, *words[at:len(words) - stays]]
    if stays:
        tools.stay(words)
        return 0, ""
    return tools.driver.run(words, given)


def transcript(commands, tools, bootstrap, folder):
    parts = []
    for line in commands:
        status, printed = perform(line, tools, bootstrap, folder)
        for pattern, replacement in NORMAL:
            printed = pattern.sub(replacement, printed)
        printed = "\n".join(text.rstrip() for text in printed.splitlines())
        parts.append(f"{PROMPT}{line}\n{printed}\n" if printed else f"{PROMPT}{line}\n")
        if status:
            parts.append(f"exit status {status}\n")
    tools.end_staying()
    return "".join(parts)


def commands_of(path):
    return [line.removeprefix(PROMPT) for line in path.read_text().splitlines() if line.startswith(PROMPT)]


def nodes_of(path):
    said = re.search(r"^# nodes: (\d+)$", path.read_text(), re.M)
    return int(said[1]) if said else 1


def words_of(path, name):
    """The words of a head line `# NAME: WORD …`."""
    said = re.search(rf"^# {name}: (.+)$", path.read_text(), re.M)
    return said[1].split() if said else []


def heads_of(path):
    """The head lines that say how brokers are started."""
    return "".join(line for line in path.read_text().splitlines(True) if re.match(r"# (nodes|settings|users): ", line))


def body_of(path):
    return "".join(line for line in path.read_text().splitlines(True) if not line.startswith("# "))


def record(paths, tools, folder):
    oracle.install()
    head = (f"# Recorded from Apache Kafka {oracle.version()} with the tools of {tools_version()} on "
            f"{datetime.date.today()} by: protocol-tests/clients/tools.py --record\n")
    for path in paths:
        commands, nodes = commands_of(path), nodes_of(path)
        settings = words_of(path, "settings")
        users = dict(user.split(":", 1) for user in words_of(path, "users"))
        texts = []
        for _ in range(2):
            with oracle.running(settings, nodes, users) as bootstrap:
                texts.append(transcript(commands, tools, bootstrap, folder))
        if texts[0] != texts[1]:
            print(f"{path.name} does not repeat itself:\n{difference(*texts)}", flush=True)
            continue
        path.write_text(head + heads_of(path) + texts[0])
        print(f"recorded {path.name}", flush=True)


def tools_version():
    lock = (toolchains.HERE / "java" / "jars.sha256").read_text()
    return re.search(r"kafka-tools-([\d.]+)\.jar", lock).group(1)


def difference(expected, got):
    return "".join(difflib.unified_diff(expected.splitlines(True), got.splitlines(True), "Apache Kafka", "here", n=1))


API_ROW = re.compile(r"^\t(\w+\(\d+\)): (.*)\n", re.M)
FEATURE_ROW = re.compile(r"^Feature: ([\w.]+) .*\n", re.M)


def missing_apis(expected, got):
    """The rows of kafka-broker-api-versions that a broker with fewer APIs lacks; which ones is not these tests' matter."""
    has = {api for api, versions in API_ROW.findall(got) if versions != "UNSUPPORTED"}
    return [api for api, versions in API_ROW.findall(expected) if versions != "UNSUPPORTED" and api not in has]


def missing_features(expected, got):
    """The features that a broker lacks whose requests it lacks."""
    return sorted(set(FEATURE_ROW.findall(expected)) - set(FEATURE_ROW.findall(got)))


def without(missing, text):
    for rows in [API_ROW, FEATURE_ROW]:
        text = rows.sub(lambda row: "" if row[1] in missing else row[0], text)
    return text


def options_of(path):
    """By which Fauxka is started."""
    options = ["--nodes", str(nodes_of(path))]
    for setting in words_of(path, "settings"):
        options += ["--config", setting]
    for user in words_of(path, "users"):
        options += ["--sasl", user]
    return options


def compare(paths, tools, folder, bootstrap, log):
    count = collections.Counter()
    for path in paths:
        with contextlib.ExitStack() as stack:
            address = bootstrap or stack.enter_context(fauxka.running(log, *options_of(path)))
            got = transcript(commands_of(path), tools, address, folder)
        expected = body_of(path)
        missing = missing_apis(expected, got) + missing_features(expected, got)
        expected, got = without(missing, expected), without(missing, got)
        same = expected == got
        count["passed" if same else "failed"] += 1
        print(f"{'ok     ' if same else 'FAILED '} {path.stem}" + (f" (not advertised: {', '.join(missing)})" if missing else ""))
        if not same:
            print(difference(expected, got), flush=True)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="transcripts, all of them by default")
    parser.add_argument("--bootstrap", help="HOST:PORT of a running broker, new and empty")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "target" / "clients")
    parser.add_argument("--record", action="store_true", help="record from Apache Kafka")
    options = parser.parse_args()
    paths = [path for path in sorted(FIXTURES.glob("*.txt")) if not options.names or path.stem in options.names]
    if options.bootstrap:
        paths = [path for path in paths if options_of(path) == ["--nodes", "1"]]
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        toolchains.kcat(options.cache)
        java = toolchains.java(options.cache)
    except toolchains.Missing as missing:
        print(f"{missing.word} tools: {missing}")
        finish(collections.Counter({missing.verdict: len(paths)}))
    with tempfile.TemporaryDirectory(prefix="tools-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        log = stack.enter_context(open(options.cache / "tools.log", "w"))
        command = toolchains.java_command(java, "ToolsDriver", "off")
        command.insert(1, f"-Ddeadline.seconds={STAY_SECONDS}")
        tools = Tools(lambda: Driver(command, folder, log))
        stack.callback(tools.close)
        if options.record:
            record(paths, tools, folder)
            return
        count = compare(paths, tools, folder, options.bootstrap, options.cache / "fauxka-tools.log")
    finish(count)


def finish(count):
    print(f"tools: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if count["failed"] else 0)


if __name__ == "__main__":
    main()
