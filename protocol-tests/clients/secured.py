#!/usr/bin/env python3
"""Real clients on listeners with TLS, logged in by certificate or SCRAM, and denied what ACLs deny: see README.md.

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
# which mechanism it logs in, who it is then, and whether it asks for a delegation token and logs in by that.
Way = collections.namedtuple("Way", "protocol arguments shows mechanism principal delegates",
                             defaults=[(), False, None, "User:ANONYMOUS", False])
LOG_IN = ("--sasl", f"{USER}:{PASSWORD}")
WAYS = {
    "tls": Way("SSL"),
    "mtls": Way("SSL", ("--config", "ssl.client.auth=required"), True, None, "User:CN=client"),
    "scram": Way("SASL_SSL", LOG_IN, False, "SCRAM-SHA-512", f"User:{USER}"),
    "token": Way("SASL_SSL", (*LOG_IN, "--config", "delegation.token.secret.key=secret"), False, "SCRAM-SHA-256", f"User:{USER}", True),
}
# The kind of stores in which a client finds whom it trusts and what it shows.
PEM, PKCS12 = "PEM", "PKCS12"

# name: `command(cache)` as in run.py, the kinds of stores in which it finds its own key and whom it trusts, and what it calls a
# denial of a topic and of a group, if it is asked to.
Client = collections.namedtuple("Client", "name command keys trusts denials", defaults=[(PEM,), (PEM,), None])
CODES = ["TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED"]
CLIENTS = [
    Client("java", run.java("SecuredClient"), (PEM, PKCS12), (PEM, PKCS12), ["TopicAuthorizationException", "GroupAuthorizationException"]),
    Client("confluent-python", run.python("secured_confluent.py"), (PEM, PKCS12), denials=CODES),
    Client("aiokafka", run.python("secured_aiokafka.py"), denials=["TopicAuthorizationFailedError", "GroupAuthorizationFailedError"]),
    Client("franz-go", run.go("secured"), denials=CODES),
    # It does not say why there is no coordinator.
    Client("kafkajs", run.node("kafkajs", "secured_kafkajs.js"), denials=["TOPIC_AUTHORIZATION_FAILED", "KafkaJSGroupCoordinatorNotFound"]),
    Client("confluent-javascript", run.node("confluent", "secured_confluent.js"), denials=[f"ERR_{code}" for code in CODES]),
    Client("rdkafka", run.rust("secured_rdkafka")),
    Client("rskafka", run.rust("secured_rskafka")),
]

AUTHORIZER = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"


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
        "delegates": "yes" if way.delegates else None,
        **changed,
    }
    return [word for name, value in options.items() if value for word in (f"--{name}", str(value))]


def client_says(argv, bootstrap, options, log, command="secured"):
    """(status, what it printed)"""
    command = [*map(str, argv), command, "--bootstrap", bootstrap, "--topic", TOPIC, *options]
    with open(log, "w") as errors:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=PROGRAM_SECONDS)
    return done.returncode, done.stdout.split()


def journal(control, query=""):
    with urllib.request.urlopen(f"{control}/v1/journal{query}", timeout=PROGRAM_SECONDS) as answer:
        return json.load(answer)["rows"]


def produced(control):
    """Who has produced, by the journal."""
    return [row["principal"] for row in journal(control, "?api=Produce")]


def denied(control):
    """(API, principal, what kind of resource) of each denial, by the journal."""
    return {(row["api"], row["principal"], why["resource_type"]) for row in journal(control) for why in row.get("denied", [])}


def allow(control, operation, kind, resource):
    """Adds an ACL by the control port."""
    acl = {"principal": f"User:{USER}", "operation": operation, "resource_type": kind, "resource": resource}
    request = urllib.request.Request(f"{control}/v1/acls", json.dumps(acl).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=PROGRAM_SECONDS).close()


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
        asked = len(journal(control, "?api=CreateDelegationToken"))
        assert asked == way.delegates, f"it asked for {asked} tokens"
    return way.principal


def test_denied(argv, client, folder):
    """The client says so in its own words when ACLs deny, and gets through once they allow."""
    certificates, way = folder / "tls", WAYS["scram"]
    started = ["--control", "127.0.0.1:0", "--topic", f"{TOPIC}:1", f"--tls={certificates}", *way.arguments, "--config", AUTHORIZER]
    with fauxka.started(folder / "fauxka.log", *started) as words:
        bootstrap, control = words["bootstrap"], words["control"]
        allow(control, "Describe", "Topic", TOPIC)
        options = flags(certificates, way, PEM)
        status, printed = client_says(argv, bootstrap, options, folder / "denied.log", "denied")
        assert (status, printed) == (0, client.denials), f"exit status {status}, and it was denied by {printed}"
        expected = {("Produce", way.principal, "Topic"), ("FindCoordinator", way.principal, "Group")}
        assert expected <= denied(control), f"the journal says {denied(control)}"
        for operation, kind, resource in [("Write", "Topic", TOPIC), ("Read", "Topic", TOPIC), ("Read", "Group", "*")]:
            allow(control, operation, kind, resource)
        status, printed = client_says(argv, bootstrap, options, folder / "stderr.log")
        assert (status, printed) == (0, VALUES), f"exit status {status}, and {printed} came back"
    return " and ".join(client.denials)


def main():
    ways = {f"{client.name}/{name}{'' if stores == PEM else '-pkcs12'}": (client, way, stores)
            for client in CLIENTS for name, way in WAYS.items() for stores in (client.keys if way.shows else client.trusts)
            if client.name == "java" or not way.delegates}
    ways |= {f"{client.name}/denied": (client, None, PEM) for client in CLIENTS if client.denials}
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
            command = commands[client.name]
            ready[name] = functools.partial(test_way, command, way, stores) if way else functools.partial(test_denied, command, client)
        except toolchains.Missing as missing:
            cases.lacks(name, missing, count)
    cases.run_all("secured", ready, count, options)


if __name__ == "__main__":
    main()
