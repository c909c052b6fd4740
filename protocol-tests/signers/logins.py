#!/usr/bin/env python3
"""Published clients log in to a built Fauxka as to Amazon MSK, and by OIDC: with the right secret they produce, with another one they do not.

Each case starts the built broker for itself. Names are those of clients; none means all of them.
"""
import collections
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))
import cases  # noqa: E402
import fauxka  # noqa: E402
import toolchains  # noqa: E402

REGION = "us-east-1"
KEY_ID, SECRET = "AKIAEXAMPLEEXAMPLE00", "exampl3/Secret+Key/0123456789abcdefABCDEF"
SESSION_KEY, SESSION = "ASIAEXAMPLEEXAMPLE01", "FwoGZXIvYXdzEXAMPLE//token+with/slashes=="
ALICE = "arn:aws:iam::123456789012:user/alice"
ROLE = "arn:aws:sts::123456789012:assumed-role/orders/session"
PROGRAM_SECONDS = 60
# AWS's library for the JVM, and the hash of its jar.
JAR, JAR_SHA256 = "aws-msk-iam-auth-2.3.5-all.jar", "bcd6020ce1ca2c3f1a65e087057dc8c0757185ba1f169b38e0eda54b617e4225"
OPTIONS = ("--topic", "logins", "--control", "127.0.0.1:0")


def python(cache):
    return [toolchains.python(cache) / "bin" / "python", HERE / "login.py"]


def node(cache):
    """AWS's signer and kafkajs, beside Confluent's client as the other cases have it."""
    confluent = toolchains.node(cache, "confluent") / "node_modules"
    sources = [HERE / name for name in ("package.json", "package-lock.json")]

    def build(folder, log):
        for source in sources:
            shutil.copy(source, folder)
        toolchains.run(["npm", "ci", "--no-audit", "--no-fund"], log, folder)

    modules = toolchains.prepared(cache, "signers-node", sources, build) / "node_modules"
    return ["env", f"NODE_PATH={modules}:{confluent}", "KAFKAJS_NO_PARTITIONER_WARNING=1", "node", HERE / "login.js"]


def go(cache):
    toolchains.need("go")
    source = HERE / "go"

    def build(folder, log):
        toolchains.run(["go", "build", "-mod=readonly", "-o", f"{folder}/", "./login"], log, source, GOTOOLCHAIN="local")

    return [toolchains.prepared(cache, "signers-go", [source], build) / "login"]


def java(cache):
    jars = toolchains.java(cache) / "jars"

    def build(folder, log):
        toolchains.run(["mvn", "-q", "-B", "dependency:copy", "-Dartifact=software.amazon.msk:aws-msk-iam-auth:2.3.5:jar:all",
                        f"-DoutputDirectory={folder}"], log)
        if hashlib.sha256((folder / JAR).read_bytes()).hexdigest() != JAR_SHA256:
            raise SystemExit(f"{JAR} is not the one that is meant")
        toolchains.run(["javac", "-cp", f"{jars}/*", "-d", folder, HERE / "Login.java"], log)

    folder = toolchains.prepared(cache, "signers-java", [HERE / "Login.java"], build)
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}:{folder / JAR}:{jars}/*", "Login"]


# What installs a client's program, and what is its first argument.
Client = collections.namedtuple("Client", "installed name")
AS_TO_MSK = {
    "confluent-kafka": Client(python, "confluent-kafka"),
    "kafka-python": Client(python, "kafka-python"),
    "aiokafka": Client(python, "aiokafka"),
    "kafkajs": Client(node, "kafkajs"),
    "confluent-javascript": Client(node, "confluent-javascript"),
    "franz-go": Client(go, "franz-go"),
    "kafka-go": Client(go, "kafka-go"),
    "sarama": Client(go, "sarama"),
    "java": Client(java, "iam"),
    "java-oauth": Client(java, "iam-oauth"),
}
BY_OIDC = {
    "confluent-kafka-oidc": Client(python, "confluent-kafka-oidc"),
    "java-oidc": Client(java, "oidc"),
}


def produces(argv, log, *arguments):
    """Whether a client has produced its record."""
    environment = {**os.environ, "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}
    with open(log, "w") as errors:
        done = subprocess.run([*map(str, argv), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                              text=True, timeout=PROGRAM_SECONDS, env=environment)
    return done.returncode == 0 and done.stdout.strip().isdigit()


def producers(control):
    """Who has produced, by the journal."""
    with urllib.request.urlopen(f"{control}/v1/journal?api=Produce", timeout=20) as answer:
        return {row["principal"] for row in json.load(answer)["rows"]}


def add_session_key(control):
    """A key of a role's session, which comes while the cluster runs."""
    body = {"id": SESSION_KEY, "secret": SECRET, "session_token": SESSION, "principal": ROLE, "expires_in": "1h"}
    request = urllib.request.Request(f"{control}/v1/access-keys", json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=20).close()


def as_to_msk(argv, folder):
    """The client gets in with a key and with a role's session, as who they are, and not with another secret."""
    with fauxka.started(folder / "fauxka.log", *OPTIONS, "--aws-key", f"{KEY_ID}:{SECRET}@{ALICE}") as words:
        where, control = (words["bootstrap"], REGION), words["control"]
        add_session_key(control)
        assert not produces(argv, folder / "refused.log", *where, KEY_ID, SECRET[::-1], ""), "it got in with a wrong secret"
        assert not producers(control), "it has produced with a wrong secret"
        assert produces(argv, folder / "stderr.log", *where, KEY_ID, SECRET, ""), "it did not get in with its key"
        assert produces(argv, folder / "stderr.log", *where, SESSION_KEY, SECRET, SESSION), "it did not get in with a session's key"
        who = producers(control)
        assert who == {f"User:{ALICE}", f"User:{ROLE}"}, f"it is {who}"
    return f"{ALICE}, {ROLE}"


def by_oidc(argv, folder):
    """The client asks the cluster's own token endpoint, and gets in with what it is given."""
    with fauxka.started(folder / "fauxka.log", *OPTIONS, "--oauth", "--sasl", "alice:secret") as words:
        where, control = (words["bootstrap"], f"{words['control']}/oauth/token", "alice"), words["control"]
        assert not produces(argv, folder / "refused.log", *where, "other"), "it got in with a wrong secret"
        assert produces(argv, folder / "stderr.log", *where, "secret"), "it did not get in"
        who = producers(control)
        assert who == {"User:alice"}, f"it is {who}"
    return "alice"


def main():
    clients = {**{name: (as_to_msk, client) for name, client in AS_TO_MSK.items()}, **{name: (by_oidc, client) for name, client in BY_OIDC.items()}}
    options = cases.parsed(cases.arguments(__doc__, "clients"), "client", sorted(clients))
    chosen, ready, count, commands = set(options.names), {}, collections.Counter(), {}
    for name, (case, client) in clients.items():
        if chosen and name not in chosen:
            continue
        try:
            if client.installed not in commands:
                commands[client.installed] = client.installed(options.cache)
            ready[name] = functools.partial(case, [*commands[client.installed], client.name])
        except toolchains.Missing as missing:
            cases.lacks(name, missing, count)
    cases.run_all("logins", ready, count, options)


if __name__ == "__main__":
    main()
