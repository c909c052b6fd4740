"""Asks a broker for its ApiVersions, and prints a line for each request and feature."""
import socket
import struct
import sys
import time

API_VERSIONS = 18
# Since this version features that start at 0 are shown, too.
ALL_FEATURES_SINCE = 4
PATIENCE_SECONDS = 120


def ask(port, version):
    body = struct.pack(">hhih", API_VERSIONS, version, 7, 1) + b"c"
    if version >= 3:
        body += b"\0\x02a\x021\0"
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        with connection.makefile("rb") as answers:
            (size,) = struct.unpack(">i", answers.read(4))
            return answers.read(size)


def requests(answer):
    """Of a version 0 answer: correlation id, error, and rows of three."""
    error, count = struct.unpack_from(">hi", answer, 4)
    assert error == 0, error
    return {key: (first, last) for key, first, last in struct.iter_unpack(">hhh", answer[10 : 10 + 6 * count])}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        self.at += size
        return self.data[self.at - size : self.at]

    def varint(self):
        value = shift = 0
        while True:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


def features(answer):
    """Of a flexible answer: the supported ranges, and the levels in force."""
    reader = Reader(answer)
    reader.take(6)
    for _ in range(reader.varint() - 1):
        reader.take(6)
        reader.varint()
    reader.take(4)
    found = {0: {}, 2: {}}
    for _ in range(reader.varint()):
        tag, size = reader.varint(), reader.varint()
        rows = Reader(reader.take(size))
        if tag not in found:
            continue
        for _ in range(rows.varint() - 1):
            name = rows.take(rows.varint() - 1).decode()
            found[tag][name] = struct.unpack(">hh", rows.take(4))
            rows.varint()
    return found[0], {name: last for name, (_, last) in found[2].items()}


def when_ready(port):
    """What the broker lists once it does not change any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    before = None
    while True:
        try:
            listed = requests(ask(port, 0))
            if listed == before:
                return listed
            before = listed
        except (OSError, struct.error):
            if time.monotonic() > deadline:
                raise
        time.sleep(1)


def main():
    port = int(sys.argv[1])
    listed = when_ready(port)
    for key, (first, last) in sorted(listed.items()):
        print(key, first, last)
    supported, levels = features(ask(port, min(listed[API_VERSIONS][1], ALL_FEATURES_SINCE)))
    for name, (first, last) in sorted(supported.items()):
        print("feature", name, first, last, levels.get(name, 0))


main()
