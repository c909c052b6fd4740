#!/usr/bin/env python3
"""Members of groups while a test moves the clock: living members stay, silent ones go. See README.md.

Each case has the built broker to itself. Names are CLIENT or CLIENT/MODE; none means all.
"""
import collections
import contextlib
import functools
import json
import urllib.request

import cases
import fauxka
import groups
import run
import toolchains
import wire

ANSWER_SECONDS = 20
Client = collections.namedtuple("Client", "name command modes late allows", defaults=[0.0, {}])
CLIENTS = [
    Client("java", run.java("GroupMember"), ["eager", "static", "consumer"]),
    Client("confluent-python", run.python("confluent_kafka_client.py"), ["eager", "static", "consumer"]),
    Client("franz-go", run.go("franz-go"), ["eager", "static", "consumer"]),
    Client("aiokafka", run.python("aiokafka_client.py"), ["eager"]),
    Client("kafka-python", run.python("kafka_python_client.py"), ["eager"]),
    Client("sarama", run.go("sarama"), ["eager"]),
    Client("kafkajs", run.node("kafkajs"), ["eager"]),
]
# The cluster's clock stands, so nothing may wait for it before the members are there.
SETTINGS = ["--clock", "manual", "--control", "127.0.0.1:0", "--config", "group.initial.rebalance.delay.ms=0",
            "--config", "group.consumer.assignment.interval.ms=0"]


def call(control, path, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(control + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
        return json.load(answer)


def ended(control, by, *silent):
    """What ends for members while time passes."""
    expired = call(control, "/v1/clock/advance", {"by": by, "silent": silent})["expired"]
    return [due["what"] for due in expired if " member " in due["what"]]


def members(control):
    """{client id: member id} of the only group."""
    [group] = call(control, "/v1/groups")
    return {member["client_id"]: member["member_id"] for member in group["members"]}


def time_passes(client, mode, argv, folder):
    """Two members live through ten minutes, and one through a minute in which the other is silent."""
    with fauxka.started(folder / "fauxka.log", *SETTINGS) as words:
        bootstrap, control = words["bootstrap"], words["control"]
        group = groups.Group(client, mode, argv, bootstrap, folder)
        producer = groups.Producer(bootstrap, group.name)
        with contextlib.closing(group):
            with wire.connect(bootstrap) as sock:
                wire.create_topic(sock, group.name, groups.PARTITIONS)
            producer.start()
            try:
                for present in ("a", "ab"):
                    group.join(present[-1], f"instance-{present[-1]}" if mode == "static" else None)
                    group.settle(*present)
                before = members(control)
                late = ended(control, "10m")
                assert not late, f"members that live were evicted: {late}"
                group.settle("a", "b")
                assert members(control) == before, f"the members were {before}, and are {members(control)}"
                late = ended(control, "1m", "b")
                assert late == [f'session of member "{before["b"]}" of group "{group.name}"'], f"not b alone was evicted: {late}"
                after = members(control)
                assert after["a"] == before["a"], f"a was {before['a']}, and is {after['a']}"
                # Its process lives, so it may be back by now; with KIP-848 under the id that it made itself.
                assert after.get("b") != before["b"] or mode == "consumer", "b is still there"
            finally:
                producer.stop()
    return "10m without an eviction, 1m with one"


def main():
    names = sorted(f"{client.name}/{mode}" for client in CLIENTS for mode in client.modes)
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/MODE")
    options = cases.parsed(parser, "client", names, [client.name for client in CLIENTS])
    chosen, ready, count = set(options.names), {}, collections.Counter()
    for client in CLIENTS:
        modes = [mode for mode in client.modes if {client.name, f"{client.name}/{mode}"} & chosen or not chosen]
        if not modes:
            continue
        try:
            argv = client.command(options.cache)
        except toolchains.Missing as missing:
            cases.lacks(client.name, missing, count, len(modes))
            continue
        for mode in modes:
            ready[f"{client.name}/{mode}"] = functools.partial(time_passes, client, mode, argv)
    cases.run_all("silences", ready, count, options)


if __name__ == "__main__":
    main()
