"""The little of Kafka's protocol that the runners need to fill a topic and to look at what a client left there."""
import socket
import struct
import time

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
PRODUCE, PRODUCE_VERSION = 0, 3
FETCH, FETCH_VERSION = 1, 4
LIST_OFFSETS, LIST_OFFSETS_VERSION = 2, 2
METADATA, METADATA_VERSION = 3, 4
OFFSET_FETCH, OFFSET_FETCH_VERSION = 9, 5
FIND_COORDINATOR, FIND_COORDINATOR_VERSION = 10, 1
CREATE_TOPICS, CREATE_TOPICS_VERSION = 19, 2
INIT_PRODUCER_ID, ADD_PARTITIONS_TO_TXN, END_TXN = 22, 24, 26
COORDINATOR_ERRORS = (14, 15, 16)
INCREMENTAL_ALTER_CONFIGS, GROUP_RESOURCE, SET = 44, 32, 0
FETCH_BYTES = 4 << 20
BATCH_HEADER_BYTES = 61
TRANSACTIONAL, CONTROL = 0x10, 0x20
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


def connect(bootstrap):
    host, port = bootstrap.split(",")[0].rsplit(":", 1)
    return socket.create_connection((host, int(port)), TIMEOUT_SECONDS)


def fetch(sock, topic, offset, isolation=0, partition=0):
    """(end, bytes of whole and partial batches, [(producer, first offset)] of what was aborted) of the partition."""
    body = struct.pack(">iiiib", -1, 0, 1, FETCH_BYTES, isolation) + struct.pack(">i", 1) + text(topic)
    body += struct.pack(">iiqi", 1, partition, offset, FETCH_BYTES)
    answer = call(sock, FETCH, FETCH_VERSION, body)
    at = 4 + 4 + len(text(topic)) + 4 + 4
    error, high_watermark, last_stable, aborted = struct.unpack_from(">hqqi", answer, at)
    if error:
        raise OSError(f"Fetch of {topic} at {offset} answers error {error}")
    at += 22
    gone = [struct.unpack_from(">qq", answer, at + 16 * i) for i in range(aborted)]
    at += 16 * len(gone)
    (size,) = struct.unpack_from(">i", answer, at)
    return last_stable if isolation else high_watermark, answer[at + 4:at + 4 + size], gone


def whole_batches(data):
    """(base offset, attributes, offset after it, (producer, its epoch), count, records) of each whole batch."""
    at = 0
    while len(data) - at >= BATCH_HEADER_BYTES:
        base, length = struct.unpack_from(">qi", data, at)
        if at + 12 + length > len(data):
            return
        attributes, last_delta = struct.unpack_from(">hi", data, at + 21)
        producer, epoch, _, count = struct.unpack_from(">qhii", data, at + 43)
        yield base, attributes, base + last_delta + 1, (producer, epoch), count, data[at + BATCH_HEADER_BYTES:at + 12 + length]
        at += 12 + length


def batches(bootstrap, topic):
    """(base offset, records, codec's name) of each batch in partition 0."""
    found, offset = [], 0
    with connect(bootstrap) as sock:
        while True:
            end, data, _ = fetch(sock, topic, offset)
            if offset >= end:
                return found
            for base, attributes, offset, _, records, _ in whole_batches(data):
                found.append((base, records, CODECS[attributes & 7]))


def producer_epochs(bootstrap, topic):
    """Every (producer, its epoch) that wrote records to partition 0; no more than fit in one Fetch."""
    with connect(bootstrap) as sock:
        _, data, _ = fetch(sock, topic, 0)
    return {producer for _, attributes, _, producer, _, _ in whole_batches(data) if not attributes & CONTROL}


def zigzag(data, at):
    """(number, where it ends) of the variable-length number at `at`, zigzag."""
    number = shift = 0
    while True:
        byte = data[at]
        number, shift, at = number | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return number >> 1 ^ -(number & 1), at


def unsnapped(data):
    """What a snappy block holds, without the framing that some clients put around it."""
    if data.startswith(b"\x82SNAPPY"):
        raise OSError("a batch in framed snappy")
    at, out = data.index(next(byte for byte in data if byte < 128)) + 1, bytearray()
    while at < len(data):
        tag, at = data[at], at + 1
        kind, size = tag & 3, tag >> 2
        if kind == 0:
            extra = max(size - 59, 0)
            size = (int.from_bytes(data[at:at + extra], "little") if extra else size) + 1
            out += data[at + extra:at + extra + size]
            at += extra + size
            continue
        width = (1, 2, 4)[kind - 1]
        distance = int.from_bytes(data[at:at + width], "little") | (tag >> 5 << 8 if kind == 1 else 0)
        at += width
        for _ in range((size & 7) + 4 if kind == 1 else size + 1):
            out.append(out[-distance])
    return bytes(out)


def plain(attributes, records):
    codec = CODECS[attributes & 7]
    if codec not in ("none", "snappy"):
        raise OSError(f"a batch in {codec}")
    return unsnapped(records) if codec == "snappy" else records


def keys_and_values(records, count):
    """(key, value) of each record of an uncompressed batch, None where there is none."""
    at, found = 0, []
    for _ in range(count):
        length, at = zigzag(records, at)
        end = at + length
        _, at = zigzag(records, at + 1)
        _, at = zigzag(records, at)
        pair = []
        for _ in range(2):
            size, at = zigzag(records, at)
            pair.append(records[at:at + size] if size >= 0 else None)
            at += max(size, 0)
        found.append(tuple(pair))
        at = end
    return found


def consumed(bootstrap, topic, isolation, partition=0):
    """(key, value) of what a consumer gets: at isolation 0 all, at 1 what is committed, as the client must filter it."""
    found, offset, gone, aborting = [], 0, set(), set()
    with connect(bootstrap) as sock:
        while True:
            end, data, named = fetch(sock, topic, offset, isolation, partition)
            if offset >= end:
                return found
            gone.update(named)
            for base, attributes, offset, (producer, _), count, records in whole_batches(data):
                begun = {one for one in gone if one[1] <= base}
                gone -= begun
                aborting |= {one for one, _ in begun}
                pairs = keys_and_values(plain(attributes, records), count)
                if attributes & CONTROL:
                    # A marker ends what its producer had aborted: version, then 0 for an abort.
                    if pairs[0][0][2:4] == b"\0\0":
                        aborting.discard(producer)
                elif not (attributes & TRANSACTIONAL and producer in aborting):
                    found += pairs


def values(bootstrap, topic, isolation):
    """The values that a consumer gets from partition 0."""
    return [value.decode() for _, value in consumed(bootstrap, topic, isolation)]


def ask_for_topic(sock, topic, partitions, replicas=1, settings=()):
    """Creates the topic with these (key, value) settings; its partitions may not have leaders yet."""
    body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, replicas, 0, len(settings))
    body += b"".join(text(key) + text(value) for key, value in settings) + struct.pack(">ib", 20_000, 0)
    answer = call(sock, CREATE_TOPICS, CREATE_TOPICS_VERSION, body)
    (error,) = struct.unpack_from(">h", answer, 4 + 4 + len(text(topic)))
    if error:
        raise OSError(f"CreateTopics of {topic} answers error {error}")


def create_topic(sock, topic, partitions):
    """Creates the topic and waits until all its partitions have a leader."""
    ask_for_topic(sock, topic, partitions)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while any(error for _, error, _ in offsets_at(sock, topic, range(partitions), -1)):
        if time.monotonic() > deadline:
            raise OSError(f"{topic} has no leaders")
        time.sleep(0.05)


def rows(answer, at, topic, layout):
    """The rows (partition, then `layout`) of the one topic in an answer, after its name at `at`."""
    at += len(text(topic))
    (count,) = struct.unpack_from(">i", answer, at)
    row = struct.Struct(">" + layout)
    return [row.unpack_from(answer, at + 4 + i * row.size) for i in range(count)]


def offsets_at(sock, topic, partitions, timestamp, isolation=0):
    """(partition, error, offset) of each partition at a timestamp; -1 is the end, -2 the start."""
    body = struct.pack(">ibi", -1, isolation, 1) + text(topic) + struct.pack(">i", len(partitions))
    body += b"".join(struct.pack(">iq", partition, timestamp) for partition in partitions)
    answer = call(sock, LIST_OFFSETS, LIST_OFFSETS_VERSION, body)
    return [(partition, error, offset) for partition, error, _, offset in rows(answer, 8, topic, "ihqq")]


def ends(sock, topic, partitions, timestamp=-1, isolation=0):
    """The end of each partition at an isolation level, or with -2 its start."""
    found = offsets_at(sock, topic, range(partitions), timestamp, isolation)
    failed = [(partition, error) for partition, error, _ in found if error]
    if failed:
        raise OSError(f"ListOffsets of {topic} answers errors {failed}")
    return {partition: offset for partition, _, offset in found}


def committed(sock, group, topic, partitions):
    """The offset that the group has committed for each partition, None where there is none."""
    body = text(group) + struct.pack(">i", 1) + text(topic) + struct.pack(">i", partitions)
    body += b"".join(struct.pack(">i", partition) for partition in range(partitions))
    answer = call(sock, OFFSET_FETCH, OFFSET_FETCH_VERSION, body)
    at, found = 4 + 4 + len(text(topic)) + 4, {}
    (group_error,) = struct.unpack_from(">h", answer, len(answer) - 2)
    for _ in range(partitions if not group_error else 0):
        partition, offset, _, metadata = struct.unpack_from(">iqih", answer, at)
        at += 18 + max(metadata, 0)
        (error,) = struct.unpack_from(">h", answer, at)
        at += 2
        group_error = group_error or error
        found[partition] = offset if offset >= 0 else None
    if group_error:
        raise OSError(f"OffsetFetch of {group} answers error {group_error}")
    return found


def varint(number):
    """A small non-negative number, zigzag."""
    number, data = number << 1, bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def castagnoli():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CASTAGNOLI = castagnoli()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = CASTAGNOLI[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def batch(values, producer=None):
    """One uncompressed batch of records without keys; a producer (id, epoch) sends it as the first of a transaction."""
    records = b""
    for delta, value in enumerate(values):
        record = b"\0" + varint(0) + varint(delta) + b"\1" + varint(len(value)) + value + varint(0)
        records += varint(len(record)) + record
    now = int(time.time() * 1000)
    attributes, sequence = (TRANSACTIONAL, 0) if producer else (0, -1)
    body = struct.pack(">hiqqqhii", attributes, len(values) - 1, now, now, *(producer or (-1, -1)), sequence, len(values)) + records
    return struct.pack(">qiibI", 0, 9 + len(body), -1, 2, crc32c(body)) + body


def produce(sock, topic, batches_by_partition, transactional_id=None):
    """Appends one batch to each partition, acknowledged by all replicas."""
    body = text(transactional_id) if transactional_id else struct.pack(">h", -1)
    body += struct.pack(">hii", -1, 20_000, 1) + text(topic) + struct.pack(">i", len(batches_by_partition))
    for partition, data in batches_by_partition.items():
        body += struct.pack(">ii", partition, len(data)) + data
    answer = call(sock, PRODUCE, PRODUCE_VERSION, body)
    failed = [row for row in rows(answer, 4, topic, "ihqq") if row[1]]
    if failed:
        raise OSError(f"Produce to {topic} answers {failed}")


def refused(api, error):
    """Raises the error, if there is one."""
    if error:
        raise OSError(f"{api} answers error {error}")


def coordinated(sock, api, version, body):
    """The answer without an error: the first transaction has the coordinator's topic made, which takes a moment."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        answer = call(sock, api, version, body)
        (error,) = struct.unpack_from(">h", answer, 4)
        if not error:
            return answer
        if error not in COORDINATOR_ERRORS or time.monotonic() > deadline:
            refused(f"API {api}", error)
        time.sleep(0.05)


class Transaction:
    """A transaction with one batch in one partition, open until it is ended."""

    def __init__(self, sock, transactional_id, topic, partition, values):
        self.sock, self.id = sock, transactional_id
        coordinated(sock, FIND_COORDINATOR, FIND_COORDINATOR_VERSION, text(self.id) + b"\1")
        answer = coordinated(sock, INIT_PRODUCER_ID, 0, text(self.id) + struct.pack(">i", 60_000))
        producer = struct.unpack_from(">qh", answer, 6)
        self.producer = struct.pack(">qh", *producer)
        body = text(self.id) + self.producer + struct.pack(">i", 1) + text(topic) + struct.pack(">ii", 1, partition)
        answer = call(sock, ADD_PARTITIONS_TO_TXN, 0, body)
        ((_, error),) = rows(answer, 8, topic, "ih")
        refused("AddPartitionsToTxn", error)
        produce(sock, topic, {partition: batch(values, producer)}, self.id)

    def end(self, is_committed):
        answer = call(self.sock, END_TXN, 0, text(self.id) + self.producer + struct.pack(">?", is_committed))
        (error,) = struct.unpack_from(">h", answer, 4)
        refused("EndTxn", error)


def set_group_settings(sock, group, settings):
    """Sets a group's own settings, such as {"share.auto.offset.reset": "earliest"}."""
    body = struct.pack(">ib", 1, GROUP_RESOURCE) + text(group) + struct.pack(">i", len(settings))
    body += b"".join(text(key) + struct.pack(">b", SET) + text(value) for key, value in settings.items()) + b"\0"
    answer = call(sock, INCREMENTAL_ALTER_CONFIGS, 0, body)
    (error,) = struct.unpack_from(">h", answer, 8)
    refused("IncrementalAlterConfigs", error)
