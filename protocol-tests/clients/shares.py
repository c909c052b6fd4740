#!/usr/bin/env python3
"""Share consumers (KIP-932) that share records, give them back, hold them too long, and are killed: see README.md.

Names are CLIENT or CLIENT/CASE; none means all.
"""
import collections
import contextlib
import functools
import os
import subprocess
import threading
import time

import cases
import run
import share_cases
import toolchains

# Records are locked for as short as Kafka allows it, so that locks end in time.
SETTINGS = [
    "group.share.min.record.lock.duration.ms=1000",
    f"group.share.record.lock.duration.ms={share_cases.LOCK_MS}",
    "group.share.min.heartbeat.interval.ms=500",
    "group.share.heartbeat.interval.ms=500",
]

Client = collections.namedtuple("Client", "name command cases")
CONSOLE = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
CLIENTS = [
    Client("java", run.java("ShareMembers"), share_cases.CASES),
    Client("java-console", run.java(CONSOLE), share_cases.CONSOLE_CASES),
    # librdkafka has no way to renew.
    Client("confluent-python", run.python("share_members.py"),
           {name: case for name, case in share_cases.CASES.items() if name != "renew"}),
    Client("franz-go", run.go("franz-go"), share_cases.CASES),
]


class Host:
    """A process whose threads are members, and what they say."""

    def __init__(self, argv, bootstrap, log):
        self.log = log
        self.members = {}
        with open(log, "w") as errors:
            self.process = subprocess.Popen(list(map(str, [*argv, "share", "--bootstrap", bootstrap])), stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors, start_new_session=True, text=True, bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            name, *words = line.split()
            self.members[name].says(words)

    def tell(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()


class Hosts:
    """The process that most members of a client live in: to start one takes Java long."""

    def __init__(self, client, options):
        self.options, self.log = options, options.cache / "shares" / f"{client.name}.log"
        self.lock, self.host = threading.Lock(), None

    def shared(self, argv):
        with self.lock:
            if self.host is None or not self.host.is_alive():
                self.log.parent.mkdir(parents=True, exist_ok=True)
                self.host = Host(argv, self.options.bootstrap, self.log)
            return self.host

    def kill(self):
        if self.host:
            self.host.kill()


def test(case, name, argv, hosts, options, folder):
    with contextlib.ExitStack() as stack:
        def host_of(is_alone):
            """What a member lives in, with its log in the folder."""
            log = folder / "stderr.log"
            if is_alone:
                host = Host(argv, options.bootstrap, log)
                stack.callback(host.kill)
                return host
            host = hosts.shared(argv)
            if not log.exists():
                log.symlink_to(host.log)
            return host

        unique = f"{name.replace('/', '-')}-{os.getpid()}-{time.time_ns() % 10**9}"
        stage = share_cases.Stage(options.bootstrap, unique, case.partitions, host_of, argv, folder)
        stack.callback(stage.end)
        return case.run(stage)


def main():
    names = sorted(f"{client.name}/{case}" for client in CLIENTS for case in client.cases)
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/CASE")
    options = cases.parsed(parser, "client", names, [client.name for client in CLIENTS])
    ready, count, chosen = {}, collections.Counter(), set(options.names)
    with contextlib.ExitStack() as stack:
        for client in CLIENTS:
            picked = [case for case in client.cases if {client.name, f"{client.name}/{case}"} & chosen or not chosen]
            if not picked:
                continue
            hosts = Hosts(client, options)
            stack.callback(hosts.kill)
            try:
                argv = client.command(options.cache)
            except toolchains.Missing as missing:
                cases.lacks(client.name, missing, count, len(picked))
                continue
            for case in picked:
                name = f"{client.name}/{case}"
                ready[name] = functools.partial(test, client.cases[case], name, argv, hosts, options)
        cases.run_all("shares", ready, count, options, SETTINGS)


if __name__ == "__main__":
    main()
