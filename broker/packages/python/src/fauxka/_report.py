"""What a failed test should show of a cluster, as text."""
from __future__ import annotations

import sys
from typing import List

from . import types


def text(report: types.Report) -> str:
    """Unmet expectations first, then the seed, the rules, and the end of the journal."""
    lines = [*report["unmet"], f"seed {report['seed']}"]
    return "\n".join([*lines, *_section("rules", report["rules"]), *_section("the journal ends with", report["journal"])])


def _section(title: str, lines: List[str]) -> List[str]:
    return [f"{title}:", *(f"  {line}" for line in lines)] if lines else [f"{title}: none"]


def problems(error: Exception) -> str:
    return f"there is no report of the cluster: {error}"


def add_to(error: BaseException, report: str) -> None:
    """Adds the report to what the exception shows; before Python 3.11 nothing shows such notes, so it goes to standard error."""
    if sys.version_info >= (3, 11):
        error.add_note(report)
    else:
        print(report, file=sys.stderr)
