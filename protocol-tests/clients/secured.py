#!/usr/bin/env python3
"""Real clients on listeners with TLS, logged in by certificate or SCRAM: see README.md.

Each case starts the built broker for itself. Names are CLIENT or CLIENT/WAY; none means all.
"""
import collections
import functools
import json
import subprocess
import urllib.request

import cases
import fauxka
import run
import toolchains

TOPIC = "orders"
VALUES = ["one", "two", "three"]
PROGRAM_SECONDS = 60
USER, PASSWORD = "alice", "alice-secret"

# A way in: the security protocol, what the broker is started with beside --tls, whether the client shows a certificate, by
# which mechanism it logs in, and who it is then.
Way = collections.namedtuple("Way", "protocol arguments shows mechanism principal", defaults=[(), False, None, "User:ANONYMOUS"])
LOG_IN = ("--sasl", f"{USER}:{PASSWORD}")
WAYS = {
    "tls": Way("SSL"),
    "mtls": Way("SSL", ("--config", "ssl.client.auth=required"), True, None, "User:CN=client"),
    "scram": Way("SASL_SSL", LOG_IN, False, "SCRAM-SHA-512", f"User:{USER}"),
}
# The kind of stores in which a client finds whom it trusts and what it shows.
PEM, PKCS12 = "PEM", "PKCS12"

# name: `command(cache)` as in run.py, and the kinds of stores in which it finds its own key and whom it trusts.
Client = collections.namedtuple("Client", "name command keys trusts", defaults=[(PEM,), (PEM,)])
CLIENTS = [
    Client("java", run.java("SecuredClient"), (PEM, PKCS12), (PEM, PKCS12)),
    Client("confluent-python", run.python("secured_confluent.py"), (PEM, PKCS12)),
    Client("aiokafka", run.python("secured_aiokafka.py")),
    Client("franz-go", run.go("secured")),
    Client("kafkajs", run.node("kafkajs", "secured_kafkajs.js")),
    Client("confluent-javascript", run.node("confluent", "secured_confluent.js")),
    Client("rdkafka", run.rust("secured_rdkafka")),
    Client("rskafka", run.rust("secured_rskafka")),
]


def flags(certificates, way, stores, **changed):
    """What a client is told; an option that is None is left out."""
    ending = "pem" if stores == PEM else "p12"
    options = {
        "protocol": way.protocol,
        "stores": stores,
        "ca": certificates / ("ca.pem" if stores == PEM else "truststore.p12"),
        "certificate": certificates / f"client.{ending}" if way.shows else None,
        "mechanism": way.mechanism,
        "user": USER if way.mechanism else None,
        "password": PASSWORD if way.mechanism else None,
        **changed,
    }
    return [word for name, value in options.items() if value for word in (f"--{name}", str(value))]


def client_says(argv, bootstrap, options, log):
    """(status, what it printed)"""
    command = [*map(str, argv), "secured", "--bootstrap", bootstrap, "--topic", TOPIC, *options]
    with open(log, "w") as errors:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=PROGRAM_SECONDS)
    return done.returncode, done.stdout.split()


def produced(control):
    """Who has produced, by the journal."""
    with urllib.request.urlopen(f"{control}/v1/journal?api=Produce", timeout=PROGRAM_SECONDS) as answer:
        return [row["principal"] for row in json.load(answer)["rows"]]


def stranger_folder(folder):
    """The certificates of a cluster that is nobody's."""
    strange = folder / "strange"
    with fauxka.started(folder / "strange.log", f"--tls={strange}"):
        return strange


def wrong_ways(way, certificates, strange, stores):
    """name: what a client is told that must not get in"""
    authority = strange / ("ca.pem" if stores == PEM else "truststore.p12")
    yield "trusts another authority", flags(certificates, way, stores, ca=authority)
    if way.shows:
        yield "shows no certificate", flags(certificates, way, stores, certificate=None)
        theirs = strange / ("client.pem" if stores == PEM else "client.p12")
        yield "shows another authority's certificate", flags(certificates, way, stores, certificate=theirs)
    if way.mechanism:
        yield "has the wrong password", flags(certificates, way, stores, password="wrong")


def test_way(argv, way, stores, folder):
    """The client gets in as who it is, and does not where it must not."""
    certificates, strange = folder / "tls", stranger_folder(folder)
    started = ["--control", "127.0.0.1:0", "--topic", f"{TOPIC}:1", f"--tls={certificates}", *way.arguments]
    with fauxka.started(folder / "fauxka.log", *started) as words:
        bootstrap, control = words["bootstrap"], words["control"]
        for name, options in wrong_ways(way, certificates, strange, stores):
            status, printed = client_says(argv, bootstrap, options, folder / "refused.log")
            assert status != 0 and not printed, f"it got in, though it {name}"
            assert not produced(control), f"it has produced, though it {name}"
        status, printed = client_says(argv, bootstrap, flags(certificates, way, stores), folder / "stderr.log")
        assert status == 0, f"exit status {status}"
        assert printed == VALUES, f"{printed} came back"
        who = set(produced(control))
        assert who == {way.principal}, f"it is {who} in place of {way.principal}"
    return way.principal


def main():
    ways = {f"{client.name}/{name}{'' if stores == PEM else '-pkcs12'}": (client, way, stores)
            for client in CLIENTS for name, way in WAYS.items() for stores in (client.keys if way.shows else client.trusts)}
    parser = cases.arguments(__doc__, "CLIENT or CLIENT/WAY")
    options = cases.parsed(parser, "client", sorted(ways), [client.name for client in CLIENTS])
    chosen = set(options.names)
    ready, count, commands = {}, collections.Counter(), {}
    for name, (client, way, stores) in ways.items():
        if chosen and not {client.name, name} & chosen:
            continue
        try:
            if client.name not in commands:
                commands[client.name] = client.command(options.cache)
            ready[name] = functools.partial(test_way, commands[client.name], way, stores)
        except toolchains.Missing as missing:
            cases.lacks(name, missing, count)
    cases.run_all("secured", ready, count, options)


if __name__ == "__main__":
    main()
