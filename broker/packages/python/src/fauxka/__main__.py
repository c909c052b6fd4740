"""python -m fauxka is the command `fauxka`."""
import sys

from ._command import main

sys.exit(main())
