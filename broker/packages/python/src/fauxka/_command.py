"""The command `fauxka`: the program itself, in place of this interpreter."""
from __future__ import annotations

import os
import subprocess
import sys

from . import _binary
from ._errors import BinaryNotFound


def main() -> int:
    try:
        program = _binary.find()
    except BinaryNotFound as error:
        print(f"fauxka: {error}", file=sys.stderr)
        return 127
    argv = [program, *sys.argv[1:]]
    try:
        if os.name != "nt":
            os.execv(program, argv)
        return subprocess.call(argv)
    except OSError as error:
        print(f"fauxka: cannot run {program}: {error.strerror}", file=sys.stderr)
        return 126
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
