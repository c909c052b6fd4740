"""Starts the built broker on a free port, for as long as a `with` block runs."""
import contextlib
import os
import pathlib
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS = 20
STOP_SECONDS = 5


def built():
    """The program that FAUXKA names, or else the optimised one, which make builds before: a slow broker hides what clients meet in time."""
    program = pathlib.Path(os.environ.get("FAUXKA") or ROOT / "target" / "release" / "fauxka").absolute()
    if not program.exists():
        raise SystemExit("no built broker: cargo build --release -p fauxka, or give --bootstrap HOST:PORT")
    return program


def ready_line(process):
    """What the READY line says, which is the first line the broker prints."""
    watchdog = threading.Timer(READY_SECONDS, process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    words = dict(word.split("=", 1) for word in line.split() if "=" in word)
    if not line.startswith("READY ") or "bootstrap" not in words:
        raise SystemExit(f"the broker did not get ready: {line!r}")
    return words


@contextlib.contextmanager
def started(log, *arguments):
    """The words of a new broker's READY line; it ends with the block, and its log goes to the file `log`."""
    with open(log, "w") as errors:
        process = subprocess.Popen([built(), "--listen", "127.0.0.1:0", *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield ready_line(process)
            if process.poll() is not None:
                raise SystemExit(f"the broker ended by itself with status {process.returncode}, see {log}")
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def running(log, *arguments):
    """The bootstrap address of a new broker, which ends with the block; its log goes to the file `log`."""
    with started(log, *arguments) as words:
        yield words["bootstrap"].split(",")[0]
