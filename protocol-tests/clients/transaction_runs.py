"""What one client goes through in `make transactions`, and what is checked of it: see README.md."""
import collections
import contextlib
import os
import signal
import subprocess
import threading
import time

import run
import wire

BLOCK = 10
INPUT_RECORDS = 3 * BLOCK
SESSION_MS = 6_000
STEP_SECONDS = 30
LAST = "last"
ISOLATIONS = ("read_uncommitted", "read_committed")
ATTEMPTS = ("produce", "offsets", "commit")

# A transaction's values: the block of the input that it copies, None for records of its own; whether it commits.
Transaction = collections.namedtuple("Transaction", "block commits")
# The last of them is open when the program is killed.
KILLED = [Transaction(None, True), Transaction(None, False), Transaction(0, True), Transaction(1, False),
          Transaction(1, True), Transaction(2, False), Transaction(2, False)]
# The successor's own, and then each zombie's and that of who fences it.
SUCCESSOR = [Transaction(2, True), *[Transaction(None, commits) for _ in ATTEMPTS for commits in (False, True)]]


def produced(number, transaction, width=0):
    """The values that the transaction, counted from 1, sends, each at least so long."""
    first = (transaction.block or 0) * BLOCK
    word = "own" if transaction.block is None else "in"
    return [f"{number}:{word}-{at}".ljust(width, ".") for at in range(first, first + BLOCK)]


def committed(transactions):
    """The offset that the group must have committed."""
    return (1 + max(one.block for one in transactions if one.commits and one.block is not None)) * BLOCK


def compare(who, isolation, got, wanted):
    if got != wanted:
        at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]), min(len(got), len(wanted)))
        raise AssertionError(f"{who}, {ISOLATIONS[isolation]}: {len(got)} records for {len(wanted)}, "
                             f"different from record {at}: {got[at:at + 3]}")


class Run:
    """One client's transactions: its programs, their log, the topics and the group."""

    width = 0

    def __init__(self, client, commands, bootstrap, folder):
        self.client, self.commands, self.bootstrap, self.folder = client, commands, bootstrap, folder
        self.group = f"{client.name}-{os.getpid()}-{time.time_ns() % 10**9}"
        self.input, self.output = f"{self.group}-input", f"{self.group}-output"
        self.log = folder / "stderr.log"

    def argv(self, command):
        return list(map(str, [*self.commands[self.client.name], command, "--bootstrap", self.bootstrap, "--input", self.input,
                              "--output", self.output, "--group", self.group, "--transactional-id", self.group,
                              "--session-ms", SESSION_MS, *self.client.options]))

    def go(self):
        """What there is to say when all was right."""
        self.prepare()
        self.crash()
        self.check(KILLED)
        self.check_version()
        self.succeed()
        self.check(KILLED + SUCCESSOR)
        self.read(KILLED + SUCCESSOR)
        return f"version {self.client.version}, read by {self.client.reader}"

    def prepare(self):
        with wire.connect(self.bootstrap) as sock:
            wire.create_topic(sock, self.input, 1)
            wire.create_topic(sock, self.output, 1)
            wire.produce(sock, self.input, {0: wire.batch([f"in-{at}".encode() for at in range(INPUT_RECORDS)])})

    def expected(self, transactions, isolation):
        return [value for number, transaction in enumerate(transactions, 1) if transaction.commits or isolation == 0
                for value in produced(number, transaction, self.width)]

    def check(self, transactions):
        for isolation in range(len(ISOLATIONS)):
            found = wire.values(self.bootstrap, self.output, isolation)
            compare("the log", isolation, found, self.expected(transactions, isolation))
        self.check_committed(transactions)

    def check_committed(self, transactions):
        offset = committed(transactions)
        with wire.connect(self.bootstrap) as sock:
            found = wire.committed(sock, self.group, self.input, 1)
        assert found == {0: offset}, f"the group has committed {found}, not {offset}"

    def crash(self):
        """Kills the program while its last transaction is open."""
        with open(self.log, "w") as errors:
            process = subprocess.Popen(self.argv("transactions"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                       text=True, start_new_session=True)
            watchdog = threading.Timer(run.PROGRAM_SECONDS, os.killpg, [process.pid, signal.SIGKILL])
            watchdog.start()
            try:
                said = process.stdout.readline()
            finally:
                watchdog.cancel()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert said == "OPEN\n", f"it said {said!r} before it ended"

    def check_version(self):
        epochs = len(wire.producer_epochs(self.bootstrap, self.output))
        wanted = len(KILLED) if self.client.version == 2 else 1
        assert epochs == wanted, f"{epochs} epochs in {len(KILLED)} transactions, not {wanted}"

    def succeed(self):
        """Its successor goes on, and fences zombies."""
        printed = run.run_program(self.argv("successor"), self.log)
        lines = [line.split(maxsplit=2) for line in printed.splitlines() if line.startswith(("REFUSED ", "ALLOWED "))]
        met = {attempt: " ".join(error) or verdict for verdict, attempt, *error in lines}
        assert met == self.client.refusals, f"the zombies met {met}, not {self.client.refusals}"

    def read(self, transactions):
        """The library of another client reads it all."""
        with wire.connect(self.bootstrap) as sock:
            wire.produce(sock, self.output, {0: wire.batch([LAST.encode()])})
        for isolation, word in enumerate(ISOLATIONS):
            argv = [*self.commands[self.client.reader], "read", "--bootstrap", self.bootstrap, "--topic", self.output,
                    "--isolation", word]
            got = run.run_program(argv, self.log).splitlines()
            compare(self.client.reader, isolation, got, [*self.expected(transactions, isolation), LAST])


class KcatRun(Run):
    """kcat's transactions: each process is one, of what comes on its standard input. It commits when that ends, and after SIGTERM aborts."""

    DONE = [Transaction(None, True), *[Transaction(None, False)] * 3, Transaction(None, True)]
    # It waits for 1024 bytes before it looks at what it reads: ten lines of 512 are a multiple of that.
    width = 511

    def go(self):
        self.prepare()
        with contextlib.ExitStack() as stack:
            assert self.end(self.start(stack, 1)) == 0, "it did not commit"
            aborting = self.start(stack, 2)
            aborting.send_signal(signal.SIGTERM)
            self.end(aborting)
            self.start(stack, 3).kill()
            self.check(self.DONE[:3])
            zombie = self.start(stack, 4)
            assert self.end(self.start(stack, 5)) == 0, "its successor did not commit"
            assert self.end(zombie) != 0, "the zombie committed"
        wanted = self.client.refusals["commit"]
        assert wanted in self.log.read_text(), f"the zombie did not meet {wanted!r}"
        self.check(self.DONE)
        self.read(self.DONE)
        return f"version {self.client.version}, no offsets, read by {self.client.reader}"

    def check_committed(self, _):
        """It cannot send offsets, and no group is there."""

    def start(self, stack, number):
        """The process, when the records of its transaction are written."""
        errors = stack.enter_context(open(self.log, "a"))
        process = subprocess.Popen(["kcat", "-P", "-b", self.bootstrap, "-t", self.output, "-p", "0", "-X",
                                    f"transactional.id={self.group}"], stdin=subprocess.PIPE, stderr=errors, text=True)
        stack.callback(process.kill)
        process.stdin.write("".join(f"{value}\n" for value in produced(number, self.DONE[number - 1], self.width)))
        process.stdin.flush()
        wanted, deadline = self.expected(self.DONE[:number], 0), time.monotonic() + STEP_SECONDS
        while wire.values(self.bootstrap, self.output, 0) != wanted:
            assert process.poll() is None and time.monotonic() < deadline, f"transaction {number} was not written"
            time.sleep(0.02)
        return process

    def end(self, process):
        """Its status."""
        process.stdin.close()
        return process.wait(STEP_SECONDS)
