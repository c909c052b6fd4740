"""What the checks of the Go package share: folders, Go's environment, and commands whose output is kept and compared."""
import difflib
import os
import pathlib
import shutil
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "broker" / "packages" / "go"
PROJECT = HERE / "go"
WORK = ROOT / "target" / "packages" / "go"
SHOP, UNPACKED = WORK / "shop", WORK / "unpacked"
MODULE = "github.com/fauxka/fauxka/broker/packages/go"
SECONDS = 300
POLL_SECONDS = 10


def output(*argv):
    return subprocess.check_output(argv, text=True).strip()


def environment(**more):
    """Go's, with a module cache of our own: the module proxy's release changes from run to run."""
    proxy = f"file://{WORK / 'proxy'},{output('go', 'env', 'GOPROXY')}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAUXKA")}
    return {**inherited, "GOTOOLCHAIN": "local", "GOPROXY": proxy, "GONOSUMDB": f"{MODULE},{MODULE}/*", "GOFLAGS": "-modcacherw",
            "GOMODCACHE": str(WORK / "cache"), "GOCACHE": output("go", "env", "GOCACHE"),
            # go remembers what is in a module of the cache, which never changes elsewhere.
            "GODEBUG": "goindex=0", "XDG_CACHE_HOME": str(WORK / "home" / "cache"), "HOME": str(WORK / "home"), **more}


def printed(log, cwd, *argv, status=0, **more):
    """What a command prints, which must end with this status."""
    done = subprocess.run(list(map(str, argv)), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=SECONDS, env=environment(**more))
    log.write(f"$ {' '.join(map(str, argv))}\n{done.stdout}\n")
    log.flush()
    assert done.returncode == status, f"{argv[0]} ended with status {done.returncode} instead of {status}:\n{done.stdout[-3000:]}"
    return done.stdout


def same(found, expected, what):
    difference = "\n".join(difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected", "found", lineterm=""))
    assert not difference, f"{what} differs:\n{difference}"


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def until(is_so, what):
    end = time.monotonic() + POLL_SECONDS
    while not is_so():
        assert time.monotonic() < end, f"not within {POLL_SECONDS} s: {what}"
        time.sleep(0.02)


def has_ended(process_id):
    """Whether a process is gone; one that nobody has waited for yet counts as gone."""
    try:
        return pathlib.Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
