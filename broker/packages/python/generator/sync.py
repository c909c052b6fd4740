"""What is for threads, made from what is for asyncio: the same lines without a word of waiting."""
import re

HEADER = "# Made by `generate` from _async/{name}: do not edit.\n"
WORDS = [
    (r"\basync def\b", "def"),
    (r"\basync with\b", "with"),
    (r"\basync for\b", "for"),
    (r"\bawait ", ""),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\bexchange_async\b", "exchange"),
    (r"\bin_thread\(([\w.]+)\)", r"\1()"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bcollections\.abc\.AsyncIterator\b", "Iterator"),
]


def text(name, source):
    for pattern, instead in WORDS:
        source = re.sub(pattern, instead, source)
    docstring, rest = source.split("\n", 1)
    if rest.startswith("# Made by"):
        rest = rest.split("\n", 1)[1]
    return f"{docstring}\n{HEADER.format(name=name)}{rest}"
