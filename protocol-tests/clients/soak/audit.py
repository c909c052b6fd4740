"""Reads everything that is committed in some topics, by Kafka's protocol itself, from whoever leads their partitions."""
import collections
import contextlib
import struct
import threading
import time

import wire

ROUND_SECONDS = 0.2
OFFSET_OUT_OF_RANGE = 1

# {node: (host, port)} and {(topic, partition): (leader, replicas, those in sync)}
View = collections.namedtuple("View", "nodes partitions")


class Cursor:
    """A place in bytes of an answer."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values if len(values) > 1 else values[0]

    def text(self):
        return self.bytes(self.take("h")).decode()

    def bytes(self, size):
        self.at += max(size, 0)
        return self.data[self.at - max(size, 0):self.at]

    def rows(self, row):
        return [row() for _ in range(max(self.take("i"), 0))]


def view(sock, topics):
    """The cluster as one node sees it."""
    body = struct.pack(">i", len(topics)) + b"".join(map(wire.text, topics)) + b"\0"
    answer = Cursor(wire.call(sock, wire.METADATA, wire.METADATA_VERSION, body))
    answer.take("i")
    nodes = {}

    def node():
        number = answer.take("i")
        host, port = answer.text(), answer.take("i")
        answer.text()
        nodes[number] = (host, port)

    def topic():
        answer.take("h")
        name = answer.text()
        answer.take("b")

        def partition():
            _, index, leader = answer.take("hii")
            return (name, index), (leader, *(answer.rows(lambda: answer.take("i")) for _ in range(2)))

        return answer.rows(partition)

    answer.rows(node)
    answer.text()
    answer.take("i")
    return View(nodes, dict(one for rows in answer.rows(topic) for one in rows))


def fetched(sock, positions):
    """(topic, partition, error, last stable offset, what was aborted, batches) of each {(topic, partition): offset}."""
    by_topic = collections.defaultdict(dict)
    for (topic, partition), offset in positions.items():
        by_topic[topic][partition] = offset
    body = struct.pack(">iiiib", -1, 0, 1, wire.FETCH_BYTES, 1) + struct.pack(">i", len(by_topic))
    for topic, offsets in by_topic.items():
        body += wire.text(topic) + struct.pack(">i", len(offsets))
        body += b"".join(struct.pack(">iqi", partition, offset, wire.FETCH_BYTES) for partition, offset in offsets.items())
    answer = Cursor(wire.call(sock, wire.FETCH, wire.FETCH_VERSION, body))
    answer.take("i")

    def topic_rows():
        name = answer.text()

        def partition():
            index, error, _, stable = answer.take("ihqq")
            aborted = answer.rows(lambda: answer.take("qq"))
            return name, index, error, stable, aborted, answer.bytes(answer.take("i"))

        return answer.rows(partition)

    return [one for rows in answer.rows(topic_rows) for one in rows]


def committed(data, position, aborted):
    """(offset, key, value) of each record from the position on that no transaction aborted, and the position after all of it."""
    gone, aborting, found = sorted(aborted, key=lambda one: one[1]), set(), []
    for base, attributes, end, (producer, _), count, records in wire.whole_batches(data):
        aborting |= {one for one, first in gone if first <= base}
        gone = [one for one in gone if one[1] > base]
        pairs = wire.keys_and_values(wire.plain(attributes, records), count)
        if attributes & wire.CONTROL:
            if pairs[0][0][2:4] == b"\0\0":
                aborting.discard(producer)
        elif not (attributes & wire.TRANSACTIONAL and producer in aborting):
            found += [(base + at, *pair) for at, pair in enumerate(pairs) if base + at >= position]
        position = max(position, end)
    return found, position


class Auditor(threading.Thread):
    """Hands each record of the topics, {name: partitions}, to `hears(topic, partition, offset, key, value)`, under the lock, and what must
    not be to `broken(text)`. Of `others` it only knows where they end."""

    def __init__(self, addresses, topics, others, lock, hears, broken):
        super().__init__(daemon=True)
        self.addresses, self.lock, self.hears, self.broken = addresses, lock, hears, broken
        self.positions = {(topic, partition): 0 for topic, count in topics.items() for partition in range(count)}
        self.topics, self.all_topics = list(topics), [*topics, *others]
        self.sockets, self.ending = {}, threading.Event()

    def run(self):
        while not self.ending.wait(ROUND_SECONDS):
            self.round()

    def close(self):
        self.ending.set()
        self.join()
        for sock in self.sockets.values():
            sock.close()

    def socket(self, address):
        if address not in self.sockets:
            self.sockets[address] = wire.connect("{}:{}".format(*address))
            self.sockets[address].settimeout(5)
        return self.sockets[address]

    @contextlib.contextmanager
    def forgiving(self, address):
        """A node may be gone, paused or cut off at any time: the next round asks again."""
        try:
            yield
        except OSError:
            if address in self.sockets:
                self.sockets.pop(address).close()

    def seen(self):
        """The cluster, as the first node that answers sees it."""
        for address in self.addresses:
            with self.forgiving(address):
                return view(self.socket(address), self.topics)
        return View({}, {})

    def round(self):
        """Fetches once from each leader; a partition whose leader has moved comes in the next round."""
        nodes, partitions = self.seen()
        led = collections.defaultdict(dict)
        for key, (leader, _, _) in partitions.items():
            if leader in nodes:
                led[nodes[leader]][key] = self.positions[key]
        for address, positions in led.items():
            with self.forgiving(address):
                for topic, partition, error, _, aborted, data in fetched(self.socket(address), positions):
                    if error == OFFSET_OUT_OF_RANGE:
                        self.out_of_range(self.socket(address), topic, partition)
                    elif not error:
                        self.take(topic, partition, aborted, data)

    def out_of_range(self, sock, topic, partition):
        """A log that starts after it has been deleted unread; one that ends before it has lost what it had."""
        start, end = (wire.offsets_at(sock, topic, [partition], timestamp)[0][2] for timestamp in (-2, -1))
        with self.lock:
            self.broken(f"{topic} {partition}: the offset {self.positions[topic, partition]} is out of range, the log has {start} to {end}")

    def take(self, topic, partition, aborted, data):
        with self.lock:
            records, self.positions[topic, partition] = committed(data, self.positions[topic, partition], aborted)
            for offset, key, value in records:
                self.hears(topic, partition, offset, key, value)

    def ends(self, seconds):
        """{(topic, partition): (last stable offset, end)}, asking until all leaders answer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                return self.ends_now()
            except OSError:
                time.sleep(ROUND_SECONDS)
        raise AssertionError("not all partitions have a leader that answers")

    def ends_now(self):
        """Asks each leader once, on connections of its own: this is another thread's."""
        for address in self.addresses:
            with contextlib.suppress(OSError), contextlib.closing(wire.connect("{}:{}".format(*address))) as sock:
                nodes, partitions = view(sock, self.all_topics)
                break
        else:
            raise OSError("no node answers")
        led = collections.defaultdict(list)
        for key, (leader, _, _) in partitions.items():
            if leader not in nodes:
                raise OSError(f"{key} has no leader")
            led[nodes[leader]].append(key)
        found = {}
        for address, keys in led.items():
            with contextlib.closing(wire.connect("{}:{}".format(*address))) as sock:
                for topic, partition in keys:
                    both = [wire.offsets_at(sock, topic, [partition], -1, isolation)[0] for isolation in (1, 0)]
                    if any(error for _, error, _ in both):
                        raise OSError(f"ListOffsets of {topic} {partition} answers errors: {both}")
                    found[topic, partition] = tuple(offset for _, _, offset in both)
        return found
