"""Starts Apache Kafka, one node or more with its default configuration, for as long as a `with` block runs."""
import contextlib
import pathlib
import socket
import subprocess
import tempfile
import time

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBS = ROOT / "target" / "oracle" / "libs"
CLUSTER_ID = "VVVVVVVVVVVVVVVVVVVVVQ"
READY_SECONDS = 90

# Beside what names the node, only what one node cannot meet by default.
PROPERTIES = """\
node.id={node}
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data-{node}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


# The first node is the controller, too.
ROLES = """\
process.roles=broker,controller
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
"""
# The one node, where somebody has to log in: brokers talk to each other by a listener of their own.
SASL_ROLES = """\
process.roles=broker,controller
listeners=SASL_PLAINTEXT://127.0.0.1:{port},PLAINTEXT://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{port},PLAINTEXT://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_plaintext.plain.sasl.jaas.config={module}.plain.PlainLoginModule required{passwords};
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config={module}.scram.ScramLoginModule required;
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config={module}.scram.ScramLoginModule required;
"""
BROKER_ROLE = """\
process.roles=broker
listeners=PLAINTEXT://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
"""
JAVA = ["java", "-Xmx512m", "-cp", f"{LIBS}/*"]
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def install():
    if not LIBS.exists():
        subprocess.run(["mvn", "-q", "-B", "-f", ROOT / "protocol-tests" / "oracle" / "pom.xml",
                        "dependency:copy-dependencies", f"-DoutputDirectory={LIBS}", "-DincludeScope=runtime"], check=True)


def version():
    (jar,) = LIBS.glob("kafka-clients-*.jar")
    return jar.stem.removeprefix("kafka-clients-")


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def brokers(port):
    """How many brokers the metadata names."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as sock:
            answer = wire.call(sock, wire.METADATA, wire.METADATA_VERSION, b"\0\0\0\0\0")
            return int.from_bytes(answer[4:8], "big")
    except OSError:
        return 0


def wait_until_ready(processes, port):
    deadline = time.monotonic() + READY_SECONDS
    while brokers(port) < len(processes):
        if any(process.poll() is not None for process in processes) or time.monotonic() > deadline:
            raise SystemExit("Apache Kafka did not start")
        time.sleep(0.1)


def sasl(users, internal):
    """What names the listeners of a node on which users log in: {name: password}."""
    passwords = "".join(f' user_{name}="{password}"' for name, password in users.items())
    return {"roles": SASL_ROLES, "internal": internal, "module": "org.apache.kafka.common.security", "passwords": passwords}


def start(folder, node, port, controller, configuration, roles=ROLES, **words):
    """The process of one node, newly formatted."""
    properties = pathlib.Path(folder) / f"server-{node}.properties"
    fixed = (PROPERTIES + (roles if node == 1 else BROKER_ROLE)).format(
        node=node, port=port, controller=controller, folder=folder, **words)
    properties.write_text(fixed + "".join(f"{line}\n" for line in configuration))
    kind = "--standalone" if node == 1 else "--no-initial-controllers"
    subprocess.run([*JAVA, "kafka.tools.StorageTool", "format", kind, "-t", CLUSTER_ID, "-c", properties], check=True, **QUIET)
    return subprocess.Popen([*JAVA, "kafka.Kafka", properties], **QUIET)


@contextlib.contextmanager
def running(configuration=(), nodes=1, users=None):
    """The bootstrap address of newly formatted brokers, which end with the block; KEY=VALUE settings beside the defaults. Of one node
    with users, {name: password}, clients log in by SASL."""
    assert not users or nodes == 1
    install()
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        controller, internal, *ports = free_ports(nodes + 2)
        secured = sasl(users, internal) if users else {}
        processes = []
        try:
            for node, port in enumerate(ports, 1):
                processes.append(start(folder, node, port, controller, configuration, **secured))
            wait_until_ready(processes, internal if users else ports[0])
            yield f"127.0.0.1:{ports[0]}"
        finally:
            for process in processes:
                process.kill()
            for process in processes:
                process.wait()
