"""Three nodes of Apache Kafka in processes of their own, and the faults of the plan that they can have."""
import contextlib
import os
import pathlib
import signal
import struct
import subprocess
import threading
import time

import audit
import clusters
import oracle
import wire

# The first node is the only controller, so it is not stopped.
STOPPABLE = [2, 3]
ELECT_LEADERS, ALTER_PARTITION_REASSIGNMENTS = 43, 45
INTERNAL = ["__consumer_offsets", "__transaction_state", "__share_group_state"]
CUTS_EVERY_SECONDS = 1
# Replicas of a node that was away follow once a JVM has started, on a machine that has much else to do.
WHOLE_SECONDS = 180


def compact(items):
    return bytes([len(items) + 1]) + b"".join(items)


def reassigned(topic, partition, replicas):
    """The body of AlterPartitionReassignments version 0 that gives a partition these replicas."""
    row = struct.pack(">i", partition) + compact([struct.pack(">i", one) for one in replicas]) + b"\0"
    name = topic.encode()
    return struct.pack(">i", 10_000) + compact([bytes([len(name) + 1]) + name + compact([row]) + b"\0"]) + b"\0"


class Kafka:
    """The cluster; `processes` by node."""

    name = "Apache Kafka"
    lacks = frozenset({"delay answers", "lose answers", "refuse requests", "put a snapshot back", "load coordinators"})

    def __init__(self, folder, ports, processes):
        self.folder, self.ports, self.processes, self.refused = folder, ports, processes, []
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in ports.values())

    def addresses(self):
        return [("127.0.0.1", port) for port in self.ports.values()]

    def start(self, node):
        properties = self.folder / f"server-{node}.properties"
        with open(self.folder / f"kafka-{node}.log", "a") as log:
            self.processes[node] = subprocess.Popen([*oracle.JAVA, "kafka.Kafka", properties], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_whole(self):
        """All nodes are there, and every replica is in sync."""
        deadline = time.monotonic() + WHOLE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), contextlib.closing(wire.connect(self.bootstrap)) as sock:
                view = audit.view(sock, INTERNAL)
                if len(view.nodes) == len(self.ports) and all(len(alive) == len(all_of_it) for _, all_of_it, alive in view.partitions.values()):
                    return
            time.sleep(0.5)
        raise AssertionError("not all nodes of Apache Kafka are back")

    @contextlib.contextmanager
    def node_stopped(self, node, rng):
        """Killed, or asked to end, by chance."""
        node, process = (stopped := rng.choice(STOPPABLE)), self.processes[stopped]
        process.send_signal(rng.choice([signal.SIGKILL, signal.SIGTERM]))
        process.wait()
        yield
        self.start(node)
        self.wait_until_whole()

    @contextlib.contextmanager
    def node_paused(self, node, rng):
        process = self.processes[node]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def restart_all(self):
        for node in STOPPABLE:
            self.processes[node].terminate()
            self.processes[node].wait()
            self.start(node)
            self.wait_until_whole()

    def move_leaders(self, partitions, rng):
        """The same replicas in another order, and then the first of them leads."""
        with contextlib.closing(wire.connect(f"127.0.0.1:{self.ports[1]}")) as sock:
            for topic, partition in partitions:
                replicas = rng.sample(clusters.NODES, len(clusters.NODES))
                header = struct.pack(">hhi", ALTER_PARTITION_REASSIGNMENTS, 0, 1) + wire.text("clients") + b"\0"
                request = header + reassigned(topic, partition, replicas)
                sock.sendall(struct.pack(">i", len(request)) + request)
                wire.exactly(sock, struct.unpack(">i", wire.exactly(sock, 4))[0])
                body = b"\0" + struct.pack(">i", 1) + wire.text(topic) + struct.pack(">iii", 1, partition, 10_000)
                wire.call(sock, ELECT_LEADERS, 1, body)

    def move_coordinators(self, groups, rng, loading=None):
        """Coordinators go with the leaders of the partitions that they keep what they know in."""
        partitions = [(topic, partition) for topic in INTERNAL for partition in range(clusters.TRANSACTION_PARTITIONS)]
        self.move_leaders([one for one in partitions if rng.random() < 0.6], rng)

    @contextlib.contextmanager
    def connections_cut(self, node, rng):
        """The kernel ends all connections to a node again and again, which takes root."""
        over = threading.Event()

        def cut():
            while not over.wait(CUTS_EVERY_SECONDS):
                subprocess.run(["ss", "-K", "dst", "127.0.0.1", "dport", "=", str(self.ports[node])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        cutter = threading.Thread(target=cut, daemon=True)
        cutter.start()
        yield
        over.set()
        cutter.join()

    def memory(self):
        return sum(int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                   for process in self.processes.values())

    def requests(self):
        return None

    def keep(self, folder):
        """Its logs are there already."""

    def faults(self):
        return [f"node {node} ended by itself with status {process.returncode}" for node, process in self.processes.items()
                if process.poll() is not None]


@contextlib.contextmanager
def running(settings, folder):
    """A newly formatted cluster."""
    oracle.install()
    controller, *ports = oracle.free_ports(1 + len(clusters.NODES))
    processes = {}
    cluster = Kafka(folder, dict(zip(clusters.NODES, ports)), processes)
    try:
        for node, port in cluster.ports.items():
            processes[node] = oracle.start(folder, node, port, controller, settings)
        oracle.wait_until_ready(list(processes.values()), ports[0])
        yield cluster
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
