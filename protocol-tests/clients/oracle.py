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


def start(folder, node, port, controller, configuration):
    """The process of one node, newly formatted."""
    properties = pathlib.Path(folder) / f"server-{node}.properties"
    fixed = (PROPERTIES + (ROLES if node == 1 else BROKER_ROLE)).format(
        node=node, port=port, controller=controller, folder=folder)
    properties.write_text(fixed + "".join(f"{line}\n" for line in configuration))
    kind = "--standalone" if node == 1 else "--no-initial-controllers"
    subprocess.run([*JAVA, "kafka.tools.StorageTool", "format", kind, "-t", CLUSTER_ID, "-c", properties], check=True, **QUIET)
    return subprocess.Popen([*JAVA, "kafka.Kafka", properties], **QUIET)


@contextlib.contextmanager
def running(configuration=(), nodes=1):
    """The bootstrap address of newly formatted brokers, which end with the block; KEY=VALUE settings beside the defaults."""
    install()
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        controller, *ports = free_ports(nodes + 1)
        processes = []
        try:
            for node, port in enumerate(ports, 1):
                processes.append(start(folder, node, port, controller, configuration))
            wait_until_ready(processes, ports[0])
            yield f"127.0.0.1:{ports[0]}"
        finally:
            for process in processes:
                process.kill()
            for process in processes:
                process.wait()
