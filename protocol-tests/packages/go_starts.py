"""Clusters that do not start, and programs that are not there: each error is compared with what it should say."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import fauxka
import toolchains
from go_common import MODULE, PACKAGE, SHOP, UNPACKED, WORK, fresh, printed, same

STARTS = WORK / "starts"


def program(folder, name, text, mode=0o755):
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return file


def refused(log, what, expected, *arguments, cwd=WORK, command=STARTS, **more):
    """The error of a cluster that does not start, with what differs from run to run cut out."""
    began = time.monotonic()
    said = printed(log, cwd, command, *arguments, status=1, **more)
    assert "within 5s" in expected or time.monotonic() - began < 4, f"{what} is told too late"
    said = re.sub(r"  command: \S+ .*\n?", "", said).replace(str(WORK), "WORK")
    same(said.rstrip(), expected, what)


def failed(text):
    return f"start error: true, no binary: false\nfauxka did not start: {text}"


def no_binary(text):
    return f"start error: false, no binary: true\nthere is no program fauxka{text}"


def refusals(log):
    """Broken programs, and a port in use."""
    folder = fresh(WORK / "programs")
    for name, text, mode, expected in (
        ("plain", "text", 0o644, failed("fork/exec WORK/programs/plain: permission denied: make it executable (chmod +x), and keep it on "
                                        "a file system that is not mounted noexec")),
        ("text", "text", 0o755, failed("fork/exec WORK/programs/text: exec format error: it is no program for linux/"
                                       + ("amd64" if os.uname().machine == "x86_64" else "arm64"))),
        ("ends", "#!/bin/sh\necho oops >&2\nexit 7\n", 0o755, failed("it ended (exit status 7) before it was ready\n  its log ends with:\n    oops")),
        ("says", "#!/bin/sh\necho hello\nexec cat\n", 0o755,
         failed('it said "hello" instead of READY bootstrap=… control=… seed=…')),
        ("waits", "#!/bin/sh\necho started >&2\nexec cat\n", 0o755, failed("no READY line within 5s\n  its log ends with:\n    started")),
    ):
        refused(log, name, expected, FAUXKA_BINARY=str(program(folder, name, text, mode)))
    refused(log, "absent", no_binary(": FAUXKA_BINARY names /absent/fauxka: no such file or directory"), FAUXKA_BINARY="/absent/fauxka")
    refused(log, "a folder", no_binary(": FAUXKA_BINARY names WORK/programs, which is a folder"), FAUXKA_BINARY=str(folder))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused(log, "a port in use", failed(f"it ended (exit status 1) before it was ready\n  its log ends with:\n    fauxka: cannot listen on "
                                             f"{address}: Address in use (os error 98)"), "--listen", address)
    said = printed(log, WORK, STARTS, "--bogus", status=1)
    assert "ready" in printed(log, WORK, STARTS, "--control-token=secret") and "ready" in printed(log, WORK, STARTS, FAUXKA_CONTROL_TOKEN="secret")
    assert "(exit status 2)" in said and "unexpected argument '--bogus' found" in said, said


def lacking(log):
    """Without a program in the package: the one on the PATH, or an error that says what was tried."""
    fresh(UNPACKED)
    shutil.copytree(SHOP / "starts", UNPACKED / "starts")
    replaced = [f"-replace={MODULE}{part}={PACKAGE}{part}" for part in ("", "/binary/linux_amd64", "/binary/linux_arm64")]
    printed(log, UNPACKED, "go", "mod", "init", "example.com/unpacked")
    printed(log, UNPACKED, "go", "mod", "edit", *replaced)
    printed(log, UNPACKED, "go", "get", f"{MODULE}/fauxka")
    printed(log, UNPACKED, "go", "build", "-o", WORK / "starts-unpacked", "./starts")
    path = fresh(WORK / "path")
    machine = "linux/" + ("amd64" if os.uname().machine == "x86_64" else "arm64")
    refused(log, "nothing on the PATH", no_binary(
        f" for {machine}. Tried:\n  FAUXKA_BINARY: is not set\n  the program in this package: it holds none for {machine}\n"
        "  fauxka on the PATH: exec: \"fauxka\": executable file not found in $PATH\n"
        "Build it from a checkout (cargo install --locked --path broker), and set FAUXKA_BINARY to its path, or put it on the PATH"),
        command=WORK / "starts-unpacked", PATH=str(path))
    (path / "fauxka").symlink_to(fauxka.built())
    assert "ready" in printed(log, WORK, WORK / "starts-unpacked", PATH=str(path))
    (path / "fauxka").unlink()
    assert "ready" in printed(log, WORK, WORK / "starts-unpacked", PATH=str(path), FAUXKA_BINARY=str(fauxka.built()))


def unpacked(folder):
    return sorted(pathlib.Path(folder).rglob("fauxka"))


@contextlib.contextmanager
def noexec(folder):
    """A folder from which nothing can be executed."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "noexec,mode=700", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        raise toolchains.Missing(f"a file system that is mounted noexec: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def places(log):
    """Where the program is unpacked: the cache folder, or the temporary folder; and a damaged one is replaced."""
    root = fresh(WORK / "places")
    cache, temporary, nowhere, path = (root / name for name in ("cache", "temporary", "a-file", "path"))
    nowhere.write_text("")
    for folder in (cache, temporary, path):
        folder.mkdir()
    usual = {"XDG_CACHE_HOME": str(cache), "TMPDIR": str(temporary), "PATH": str(path)}
    assert "ready" in printed(log, WORK, STARTS, **usual)
    (program_file,) = [file for file in unpacked(cache) if file.is_file()]
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{16}", program_file.parent.name) and not unpacked(temporary)
    assert list(program_file.parent.iterdir()) == [program_file], "something else was left there"
    program_file.write_bytes(program_file.read_bytes()[:5000])
    assert "ready" in printed(log, WORK, STARTS, **usual)
    assert program_file.read_bytes() == fauxka.built().read_bytes(), "the damaged program is still there"

    assert "ready" in printed(log, WORK, STARTS, **usual | {"XDG_CACHE_HOME": str(nowhere)})
    assert unpacked(temporary), "it is not in the temporary folder"
    shared = next(temporary.iterdir())
    shared.chmod(0o777)
    said = printed(log, WORK, STARTS, status=1, **usual | {"XDG_CACHE_HOME": str(nowhere)})
    assert f"{shared} is not a folder that only you can write to: remove it" in said, said
    nothing_serves(log, root, usual, nowhere)


def nothing_serves(log, root, usual, nowhere):
    """A cache folder that is a file and a temporary folder from which nothing runs: the error names both."""
    folder = root / "noexec"
    folder.mkdir()
    with noexec(folder):
        said = printed(log, WORK, STARTS, status=1, **usual | {"XDG_CACHE_HOME": str(nowhere), "TMPDIR": str(folder)})
    assert "  the program in this package: " in said, said
    tail = said.split("  the program in this package: ")[1].split("\n  fauxka on the PATH")[0]
    version = re.search(r"fauxka-\d+/(\S+)/fauxka", tail)[1]
    same(tail.replace(str(root), "ROOT").replace(version, "VERSION").replace(f"fauxka-{os.getuid()}", "fauxka-UID"),
         "it cannot be unpacked: \n    the user's cache folder: mkdir ROOT/a-file: not a directory\n"
         "    the temporary folder: it does not run: make it executable (chmod +x), and keep it on a file system that is not mounted noexec: "
         "fork/exec ROOT/noexec/fauxka-UID/VERSION/fauxka: permission denied ", "the places")
