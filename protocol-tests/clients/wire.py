"""The little of Kafka's protocol that the runner needs to look at what a client left in the log."""
import socket
import struct

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
FETCH, FETCH_VERSION = 1, 4
FETCH_BYTES = 4 << 20
BATCH_HEADER_BYTES = 61
TIMEOUT_SECONDS = 20


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def exactly(sock, count):
    data = bytearray()
    while len(data) < count:
        chunk = sock.recv(count - len(data))
        if not chunk:
            raise OSError("the broker closed the connection")
        data += chunk
    return bytes(data)


def call(sock, api, version, body):
    request = struct.pack(">hhi", api, version, 1) + text("clients") + body
    sock.sendall(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", exactly(sock, 4))
    return exactly(sock, length)[4:]


def fetch(sock, topic, offset):
    """(high watermark, bytes of whole and partial batches) of partition 0."""
    body = struct.pack(">iiiib", -1, 0, 1, FETCH_BYTES, 0) + struct.pack(">i", 1) + text(topic)
    body += struct.pack(">iiqi", 1, 0, offset, FETCH_BYTES)
    answer = call(sock, FETCH, FETCH_VERSION, body)
    at = 4 + 4 + len(text(topic)) + 4 + 4
    error, high_watermark, _, aborted = struct.unpack_from(">hqqi", answer, at)
    if error:
        raise OSError(f"Fetch of {topic} at {offset} answers error {error}")
    at += 22 + 16 * max(aborted, 0)
    (size,) = struct.unpack_from(">i", answer, at)
    return high_watermark, answer[at + 4:at + 4 + size]


def batches(bootstrap, topic):
    """(base offset, records, codec's name) of each batch in partition 0."""
    host, port = bootstrap.split(",")[0].rsplit(":", 1)
    found, offset = [], 0
    with socket.create_connection((host, int(port)), TIMEOUT_SECONDS) as sock:
        while True:
            end, data = fetch(sock, topic, offset)
            if offset >= end:
                return found
            at = 0
            while len(data) - at >= BATCH_HEADER_BYTES:
                base, length = struct.unpack_from(">qi", data, at)
                attributes, last_delta = struct.unpack_from(">hi", data, at + 21)
                (records,) = struct.unpack_from(">i", data, at + 57)
                if at + 12 + length > len(data):
                    break
                found.append((base, records, CODECS[attributes & 7]))
                offset, at = base + last_delta + 1, at + 12 + length
