"""Prints why clusters do not start."""
import os
import pathlib
import socket
import sys

from fauxka import Cluster, FauxkaError


def try_to_start(what, **options):
    try:
        with Cluster(**options):
            print(f"{what}: it started")
    except FauxkaError as error:
        print(f"{what}: {type(error).__name__}: {error}\n")


def script(folder, name, text, mode=0o755):
    file = folder / name
    file.write_text(text)
    file.chmod(mode)
    return file


def main():
    folder = pathlib.Path(sys.argv[1])
    if not sys.argv[2:]:
        try_to_start("not executable", binary=script(folder, "plain", "#!/bin/sh\n", 0o644))
        try_to_start("no program", binary=script(folder, "text", "this is no program\n"))
        try_to_start("ends at once", binary=script(folder, "ends", "#!/bin/sh\necho out of order >&2\nexit 3\n"))
        try_to_start("says something else", binary=script(folder, "talks", "#!/bin/sh\necho hello\nexec sleep 60\n"))
        try_to_start("says nothing", binary=script(folder, "silent", "#!/bin/sh\nexec sleep 60\n"), ready_timeout=0.2)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            try_to_start("taken port", arguments=["--listen", f"127.0.0.1:{taken.getsockname()[1]}"])
        try_to_start("bad option", topics=["orders:many"])
        os.environ["FAUXKA_BINARY"] = str(folder / "gone")
        try_to_start("FAUXKA_BINARY")
        del os.environ["FAUXKA_BINARY"]
    else:
        try_to_start("no program anywhere")


main()
