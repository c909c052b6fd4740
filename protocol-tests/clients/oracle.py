"""Starts Apache Kafka, one node with its default configuration, for as long as a `with` block runs."""
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
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


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


def wait_until_ready(process, port):
    deadline = time.monotonic() + READY_SECONDS
    while brokers(port) < 1:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("Apache Kafka did not start")
        time.sleep(0.1)


@contextlib.contextmanager
def running(configuration=()):
    """The bootstrap address of a newly formatted broker, which ends with the block; KEY=VALUE settings beside the defaults."""
    install()
    with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
        port, controller = free_ports(2)
        properties = pathlib.Path(folder) / "server.properties"
        fixed = PROPERTIES.format(port=port, controller=controller, folder=folder)
        properties.write_text(fixed + "".join(f"{line}\n" for line in configuration))
        java = ["java", "-Xmx512m", "-cp", f"{LIBS}/*"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID, "-c", properties],
                       check=True, **quiet)
        process = subprocess.Popen([*java, "kafka.Kafka", properties], **quiet)
        try:
            wait_until_ready(process, port)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()
