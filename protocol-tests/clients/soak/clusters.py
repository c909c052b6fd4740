"""A Fauxka cluster of three nodes, and what can be done to it by its control port."""
import contextlib
import json
import pathlib
import random
import re
import subprocess
import urllib.error
import urllib.request

import fauxka

NODES = [1, 2, 3]
REQUEST_SECONDS = 300
# Rules of faults act on the clients of the soak, and not on the auditor.
CLIENTS = "soak-*"
LOSABLE = ["Produce", "InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "OffsetCommit", "JoinGroup",
           "SyncGroup", "Heartbeat", "ConsumerGroupHeartbeat", "ShareGroupHeartbeat", "ShareAcknowledge", "ShareFetch", "Fetch",
           "StreamsGroupHeartbeat", "FindCoordinator", "Metadata"]
# What a client must take in its stride, by API.
REFUSALS = [("Produce", "NOT_LEADER_OR_FOLLOWER"), ("Produce", "NOT_ENOUGH_REPLICAS"), ("Produce", "REQUEST_TIMED_OUT"),
            ("Fetch", "NOT_LEADER_OR_FOLLOWER"), ("OffsetCommit", "COORDINATOR_LOAD_IN_PROGRESS"), ("Heartbeat", "NOT_COORDINATOR"),
            ("Heartbeat", "REBALANCE_IN_PROGRESS"), ("JoinGroup", "COORDINATOR_NOT_AVAILABLE"), ("FindCoordinator", "COORDINATOR_NOT_AVAILABLE"),
            ("AddPartitionsToTxn", "CONCURRENT_TRANSACTIONS"), ("InitProducerId", "COORDINATOR_LOAD_IN_PROGRESS"),
            ("EndTxn", "COORDINATOR_NOT_AVAILABLE"), ("TxnOffsetCommit", "NOT_COORDINATOR"), ("ConsumerGroupHeartbeat", "NOT_COORDINATOR"),
            ("ShareFetch", "NOT_LEADER_OR_FOLLOWER")]


class Fauxka:
    """The cluster behind one control port."""

    lacks = frozenset()
    name = "Fauxka"

    def __init__(self, words, process, log):
        self.bootstrap, self.control, self.process, self.log = words["bootstrap"], words["control"], process, log
        self.refused, self.wrong = [], []
        # What was read of it is not read again.
        self.lines = open(log, errors="replace")

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:
            return answer.read().decode()

    def try_to(self, path, body):
        """What the cluster may refuse, as to move a leader to a node that another fault has stopped."""
        try:
            self.ask("POST", path, body)
        except urllib.error.HTTPError as error:
            self.refused.append(f"{path}: {error.code} {error.read().decode(errors='replace')}")

    def addresses(self):
        return [(host, int(port)) for host, port in (one.rsplit(":", 1) for one in self.bootstrap.split(","))]

    @contextlib.contextmanager
    def node_stopped(self, node, rng):
        self.ask("POST", f"/v1/nodes/{node}/stop", {})
        yield
        self.ask("POST", f"/v1/nodes/{node}/start", {})

    @contextlib.contextmanager
    def node_paused(self, node, rng):
        self.ask("POST", f"/v1/nodes/{node}/pause", {})
        yield
        self.ask("POST", f"/v1/nodes/{node}/resume", {})

    def restart_all(self):
        self.ask("POST", "/v1/nodes/rolling-restart", {})

    def move_leaders(self, partitions, rng):
        for topic, partition in partitions:
            self.try_to(f"/v1/topics/{topic}/{partition}/leader", {"node": rng.choice(NODES)})

    def move_coordinators(self, groups, rng, loading=None):
        for group in groups:
            body = {"node": rng.choice(NODES), **({"loading": loading} if loading else {})}
            self.try_to(f"/v1/groups/{group}/move-coordinator", body)
        self.move_leaders([("__transaction_state", partition) for partition in range(TRANSACTION_PARTITIONS)], rng)

    @contextlib.contextmanager
    def rule(self, **rule):
        number = json.loads(self.ask("POST", "/v1/faults", rule))["id"]
        yield
        self.ask("DELETE", f"/v1/faults/{number}")

    def connections_cut(self, node, rng):
        """Connections of one node end in the middle of what they carry."""
        how = rng.choice(["reset", "close", "half_close"])
        cut = {"after": rng.choice([0, 1, 37, 500, 5_000]), "how": how}
        return self.rule(client_id=CLIENTS, node=node, every=rng.choice([1, 2]), count=40, bytes={"cut": cut})

    def answers_delayed(self, rng):
        longest = rng.choice([50, 300, 1_500])
        delay = {"for": f"{longest // 2}ms", "jitter": f"{longest // 2}ms"}
        return self.rule(client_id=CLIENTS, probability=rng.choice([0.1, 0.5]), after_apply={"delay": delay})

    def answers_lost(self, rng):
        """Carried out and never answered: mostly the connection ends, now and then it stays open."""
        is_silent = rng.random() < 0.25
        apis = rng.sample(LOSABLE, 4) + ["Produce"]
        return self.rule(client_id=CLIENTS, api=sorted(set(apis)), probability=0.2, count=4 if is_silent else 200,
                         after_apply="swallow" if is_silent else "disconnect")

    @contextlib.contextmanager
    def requests_refused(self, rng):
        with contextlib.ExitStack() as stack:
            for api, error in rng.sample(REFUSALS, 3):
                stack.enter_context(self.rule(client_id=CLIENTS, api=api, probability=0.3, before_apply={"error": error}))
            yield

    def take_snapshot(self):
        self.ask("POST", "/v1/snapshots/soak", {})

    def put_snapshot_back(self):
        self.ask("POST", "/v1/snapshots/soak/restore", {})
        self.ask("DELETE", "/v1/snapshots/soak")

    def memory(self):
        """Resident bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1]) * 1024

    def requests(self):
        return sum(int(float(line.split()[-1])) for line in self.ask("GET", "/metrics").splitlines()
                   if line.startswith("fauxka_requests_total"))

    def keep(self, folder):
        """Writes down what the cluster is like, for whoever looks at a failure."""
        for what in ("cluster", "groups", "topics", "transactions", "journal"):
            (folder / f"{what}.json").write_text(self.ask("GET", f"/v1/{what}{'?limit=10000' if what == 'journal' else ''}"))

    def faults(self):
        """What is wrong with the broker itself."""
        self.wrong += [f"the broker's log says: {line.rstrip()}" for line in self.lines if "panicked" in line or " ERROR " in line]
        ended = [] if self.process.poll() is None else [f"the broker ended by itself with status {self.process.returncode}"]
        return [f"{one}, see {self.log}" for one in (self.wrong + ended)[:3]]


TRANSACTION_PARTITIONS = 3


@contextlib.contextmanager
def fauxka_running(settings, folder, seed):
    """A new cluster, which writes down what happens to it."""
    log = folder / "fauxka.log"
    command = [fauxka.built(), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--nodes", len(NODES), "--seed", seed,
               "--record", folder / "recording.run", "--force", *(word for line in settings for word in ("--config", line))]
    with open(log, "w") as errors:
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        yield Fauxka(fauxka.ready_line(process), process, log)
    finally:
        process.terminate()
        try:
            process.wait(REQUEST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
