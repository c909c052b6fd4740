"""The running program: its start, the end of its log, and its end."""
from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from typing import IO, Optional

from . import _binary
from ._errors import StartError
from ._options import READY_SECONDS, Options, argv

STOP_SECONDS = 5.0
LOG_BYTES = 64 * 1024
# How the READY line names the addresses of a listener, if there are several.
LISTENER = "bootstrap."
# What an error shows of a log.
SHOWN_LINES = 20


class _Log:
    """The end of what the program writes to standard error. A thread reads all of it, so that the program never waits for us."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._kept = bytearray()
        self._thread = threading.Thread(target=self._read, args=(pipe,), name="fauxka log", daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        # A read that comes while the pipe is being closed at the interpreter's end.
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(pipe.fileno(), 16384):
                self._kept += chunk
                del self._kept[:-LOG_BYTES]

    def text(self) -> str:
        return bytes(self._kept).decode(errors="replace")

    def finish(self) -> None:
        self._thread.join(STOP_SECONDS)


class Process:
    """The program, from its READY line on."""

    def __init__(self, options: Options) -> None:
        given = options.get("binary")
        self.binary = os.fspath(given) if given is not None else _binary.find()
        self._argv = [self.binary, *argv(options)]
        self._child = self._spawn()
        assert self._child.stdout is not None and self._child.stderr is not None
        self._log = _Log(self._child.stderr)
        seconds = options.get("ready_timeout", READY_SECONDS)
        try:
            words = self._ready(self._child.stdout, seconds)
        except BaseException:
            self.stop()
            raise
        self.bootstrap_servers = words["bootstrap"]
        self.control_url = words["control"]
        self.seed = int(words["seed"])
        self.ca_file = words.get("ca")
        self.listeners = {name[len(LISTENER) :]: servers for name, servers in words.items() if name.startswith(LISTENER)}

    def _spawn(self) -> subprocess.Popen[bytes]:
        # On Windows the program ends with its standard input, which ends with us.
        stdin = subprocess.PIPE if os.name == "nt" else subprocess.DEVNULL
        try:
            return subprocess.Popen(self._argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            raise StartError(
                f"cannot run {self.binary}: {error.strerror}. It must be the fauxka program for this machine, and executable; "
                f"{_binary.VARIABLE} can name another."
            ) from error

    def _ready(self, stdout: IO[bytes], seconds: float) -> dict[str, str]:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._child.kill()

        watchdog = threading.Timer(seconds, give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            line = stdout.readline().decode(errors="replace")
        finally:
            watchdog.cancel()
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if line.startswith("READY ") and {"bootstrap", "control", "seed"} <= set(words):
            return words
        if late.is_set():
            raise StartError(self._failure(f"did not get ready within {seconds:g} seconds"))
        if line:
            self._child.kill()
            raise StartError(self._failure(f"printed {line.strip()[:200]!r} instead of its READY line"))
        raise StartError(self._failure(f"ended before it was ready, {self._ending()}"))

    def _ending(self) -> str:
        try:
            status = self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return "its standard output is closed"
        return f"by signal {-status}" if status < 0 else f"with exit status {status}"

    def _failure(self, what: str) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        self._log.finish()
        lines = self.log.splitlines()[-SHOWN_LINES:]
        shown = "Its log ends with:\n" + "\n".join(f"  {line}" for line in lines) if lines else "It logged nothing."
        return f"fauxka {what}.\n{shown}\nIt was started as: {subprocess.list2cmdline(self._argv)}"

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def log(self) -> str:
        """The end of its log."""
        return self._log.text()

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    def ended_by_itself(self) -> Optional[StartError]:
        """What to say if the program has ended, which only `stop` should make it do."""
        if self.is_running:
            return None
        return StartError(self._failure(f"has ended by itself, {self._ending()}"))

    def stop(self) -> None:
        """Ends the program, and returns when it has ended."""
        if self.is_running:
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._log.finish()
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()
