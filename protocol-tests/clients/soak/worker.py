"""The clients of a soak: processes, and what they say."""
import contextlib
import os
import signal
import subprocess
import threading
import time

# Clients give way to what they wait for.
NICE = ["nice", "-n", "5"]


class Worker:
    """One client, which can be ended and started again under the same name. `hears(name, words)` gets each line that it writes, under the lock.

    `argv(incarnation)` is its command line. `leaves_by` is how it ends in good order: SIGTERM, or the end of its standard input.
    """

    def __init__(self, name, kind, argv, hears, lock, folder, leaves_by="stdin", joins=""):
        self.name, self.kind, self.argv, self.hears, self.lock, self.folder = name, kind, argv, hears, lock, folder
        self.leaves_by, self.joins = leaves_by, joins
        self.process, self.starts, self.is_paused, self.is_expected = None, 0, False, False
        self.lines = 0

    def start(self):
        self.starts += 1
        incarnation = f"{self.name}-{self.starts}"
        self.is_paused = self.is_expected = False
        with open(self.folder / f"{incarnation}.log", "w") as log:
            self.process = subprocess.Popen([*NICE, *map(str, self.argv(incarnation))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True, bufsize=1, start_new_session=True)
        self.reader = threading.Thread(target=self.read, args=(incarnation, self.process.stdout), daemon=True)
        self.reader.start()
        if self.joins:
            self.tell(self.joins.format(name=incarnation))

    def read(self, incarnation, lines):
        with open(self.folder / f"{incarnation}.said", "w") as said:
            for line in lines:
                # Whoever was killed has said half a line.
                if not line.endswith("\n"):
                    break
                if "GOT " not in line and "ACK" not in line:
                    said.write(f"{time.time():.3f} {line}")
                    said.flush()
                words = line.rstrip("\n").split(" ")
                with self.lock:
                    self.lines += 1
                    if words[0] == "PAUSED":
                        self.is_paused = True
                    else:
                        self.hears(self, incarnation, words)

    def tell(self, line):
        with contextlib.suppress(OSError):
            self.process.stdin.write(line + "\n")

    def fault(self):
        """Why the process is not as it should be, if it is not."""
        status = self.process.poll()
        if status is not None and not self.is_expected:
            return f"{self.name} ended by itself with status {status}, see {self.folder}/{self.name}-{self.starts}.log"
        return None

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def ask_to_leave(self):
        self.is_expected = True
        if self.leaves_by == "SIGTERM":
            self.signal(signal.SIGTERM)
        else:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def left_or_killed(self, deadline):
        """Waits until it has ended. Returns its status, or nothing if it had to be killed."""
        try:
            status = self.process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self.reader.join()
        return status

    def has_left(self, deadline):
        """Waits until it has ended. Returns what is wrong with how it did."""
        status = self.left_or_killed(deadline)
        return None if status == 0 else self.left_with(status)

    def left_with(self, status):
        how = "still ran long after it was asked to end" if status is None else f"left with status {status}"
        return f"{self.name} {how}, see {self.folder}/{self.name}-{self.starts}.log"

    def kill(self):
        self.is_expected = True
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
