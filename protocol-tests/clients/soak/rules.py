"""What must hold of the records that clients wrote and read, whatever happened to the cluster meanwhile: see ../README.md.

Rules hear what clients say and what the auditor reads; each adds to `faults` what broke it. They know no cluster and no clock.
"""
import collections

ABORTED = "aborted/"
SAID_AT_MOST = 20


class Rule:
    def __init__(self, name):
        self.name, self.faults = name, []

    def broken(self, text):
        if len(self.faults) < SAID_AT_MOST:
            self.faults.append(f"{self.name}: {text}")


class Written(Rule):
    """A topic as the auditor reads it: what was acknowledged is there, where the broker said; under idempotence nothing is doubled, and
    the records of a key keep their order."""

    def __init__(self, topic, partitions, is_idempotent):
        super().__init__(topic)
        self.is_idempotent = is_idempotent
        # The records of each partition by offset, such as java-1/0/17: the seventeenth of its key.
        self.records = {partition: [] for partition in range(partitions)}
        self.unread = {partition: {} for partition in range(partitions)}
        self.placeless, self.last = set(), {}
        self.acknowledged = self.failed = self.repeated = 0

    def ends(self):
        return {partition: len(records) for partition, records in self.records.items()}

    def ack(self, record, partition, offset):
        self.acknowledged += 1
        if offset < 0:
            # The broker knows that it had it before, and no longer where.
            self.placeless.add(record)
        elif offset < len(self.records[partition]):
            self.compare(record, partition, offset)
        else:
            self.unread[partition][offset] = record

    def compare(self, record, partition, offset):
        found = self.records[partition][offset]
        if found != record:
            self.broken(f"{record} was acknowledged in partition {partition} at {offset}, and there is {found}")

    def read(self, partition, offset, value):
        """The auditor's next record of the partition."""
        record = value.rsplit("/", 1)[0]
        if offset != len(self.records[partition]):
            self.broken(f"partition {partition}: offset {offset} came after {len(self.records[partition]) - 1}")
            return
        self.records[partition].append(record)
        if offset in self.unread[partition]:
            self.compare(self.unread[partition].pop(offset), partition, offset)
        key, number = record.rsplit("/", 1)
        before = self.last.get(key, (partition, -1))
        if self.is_idempotent and before[0] != partition:
            self.broken(f"{key} is in partitions {before[0]} and {partition}")
        if int(number) <= before[1]:
            self.repeated += 1
            if self.is_idempotent:
                self.broken(f"{record} came after {key}/{before[1]}, in partition {partition} at {offset}")
        self.last[key] = (partition, max(int(number), before[1]))

    def finish(self):
        """All is written and read."""
        for partition, left in self.unread.items():
            for offset, record in left.items():
                self.broken(f"{record} was acknowledged in partition {partition} at {offset}, and is not there")
        if self.placeless:
            for record in self.placeless - {record for records in self.records.values() for record in records}:
                self.broken(f"{record} was acknowledged, and is nowhere")


class Taken(Rule):
    """What the members of a group together were handed: every record, in each member's hands in order, and with the right value."""

    def __init__(self, name, written):
        super().__init__(name)
        self.written = written
        self.next = dict.fromkeys(written.records, 0)
        self.missing = {partition: set() for partition in written.records}
        self.early = {}
        # Where each member is in each of its partitions.
        self.at = {}
        self.consumed = self.repeated = 0

    def begins(self, member, partitions):
        """The member starts again from what is committed."""
        for partition in partitions:
            self.at.pop((member, partition), None)

    def ended(self, member):
        self.begins(member, self.next)

    def got(self, member, partition, offset, value):
        record = value.rsplit("/", 1)[0]
        self.consumed += 1
        if offset <= self.at.get((member, partition), -1):
            self.broken(f"{member} got offset {offset} of partition {partition} after {self.at[member, partition]}")
        self.at[member, partition] = offset
        if offset < len(self.written.records[partition]):
            self.compare(partition, offset, record)
        else:
            self.early[partition, offset] = record
        # Members speak through pipes of their own: what one skips another may have said, only not been heard yet.
        if offset >= self.next[partition]:
            self.missing[partition].update(range(self.next[partition], offset))
            self.next[partition] = offset + 1
        elif offset in self.missing[partition]:
            self.missing[partition].discard(offset)
        else:
            self.repeated += 1

    def compare(self, partition, offset, record):
        found = self.written.records[partition][offset]
        if found != record:
            self.broken(f"offset {offset} of partition {partition} was handed out as {record}, and there is {found}")

    def reached(self, ends):
        """Whether all before these ends was handed out."""
        return all(self.next[partition] >= end and not any(offset < end for offset in self.missing[partition])
                   for partition, end in ends.items())

    def finish(self):
        for (partition, offset), record in self.early.items():
            if offset >= len(self.written.records[partition]):
                self.broken(f"offset {offset} of partition {partition} was handed out as {record}, and is not there")
            else:
                self.compare(partition, offset, record)
        for partition, records in self.written.records.items():
            never = self.missing[partition] | set(range(self.next[partition], len(records)))
            if never:
                self.broken(f"{len(never)} records of partition {partition} were never handed out, the first at {min(never)}")


class Copied(Rule):
    """Copies made in transactions, as read at read_committed: each record once and in order, and nothing that was aborted."""

    def __init__(self, topic, written):
        super().__init__(topic)
        self.written, self.next = written, dict.fromkeys(written.records, 0)

    def read(self, partition, offset, value):
        if value.startswith(ABORTED):
            self.broken(f"offset {offset} of partition {partition} is of an aborted transaction: {value}")
            return
        source, copied = map(int, value.split("/"))
        if source != partition:
            self.broken(f"offset {offset} of partition {partition} copies one of partition {source}")
        elif copied < self.next[partition]:
            self.broken(f"{value} was copied again, at {offset}")
        elif copied > self.next[partition]:
            self.broken(f"{partition}/{self.next[partition]} to {partition}/{copied - 1} were not copied before {value}, at {offset}")
        self.next[partition] = max(self.next[partition], copied + 1)

    def copied(self):
        return sum(self.next.values())

    def reached(self, ends):
        return all(self.next[partition] >= end for partition, end in ends.items())

    def finish(self):
        for partition, records in self.written.records.items():
            if self.next[partition] < len(records):
                self.broken(f"partition {partition} was copied up to {self.next[partition]} of {len(records)}")


class Shared(Rule):
    """What a share group was handed: every record, and nothing again once an acknowledgement of it had been accepted."""

    def __init__(self, name, written):
        super().__init__(name)
        self.written = written
        self.next = dict.fromkeys(written.records, 0)
        self.missing = {partition: set() for partition in written.records}
        # The delivery that was acknowledged; what each member holds; whether an acknowledgement counts, as it does not when a snapshot is
        # going to be put back that lacks it.
        self.done, self.held, self.is_certain = {}, collections.defaultdict(dict), True
        self.delivered = self.repeated = self.refused = 0

    def got(self, member, partition, offset, deliveries):
        self.delivered += 1
        acknowledged = self.done.get((partition, offset))
        # A late answer may hand out what another member has acknowledged meanwhile, in a later delivery.
        if acknowledged is not None and deliveries > acknowledged:
            self.broken(f"{member} got offset {offset} of partition {partition} in delivery {deliveries}, "
                        f"after delivery {acknowledged} had been acknowledged")
        self.held[member, partition][offset] = deliveries
        if offset >= self.next[partition]:
            self.missing[partition].update(range(self.next[partition], offset))
            self.next[partition] = offset + 1
        elif offset in self.missing[partition]:
            self.missing[partition].discard(offset)
        else:
            self.repeated += 1

    def acknowledged(self, member, partition, error):
        """The answer to the acknowledgements of all that the member holds of the partition."""
        held = self.held.pop((member, partition), {})
        if error != "NONE":
            self.refused += len(held)
            return
        if self.is_certain:
            self.done.update({(partition, offset): deliveries for offset, deliveries in held.items()})

    def ended(self, member):
        for held in [held for held in self.held if held[0] == member]:
            del self.held[held]

    def reached(self, ends):
        return all(self.next[partition] >= end and not any(offset < end for offset in self.missing[partition])
                   for partition, end in ends.items())

    def finish(self):
        for partition, records in self.written.records.items():
            never = self.missing[partition] | set(range(self.next[partition], len(records)))
            if never:
                self.broken(f"{len(never)} records of partition {partition} were never delivered, the first at {min(never)}")


class Counted(Rule):
    """Counts of words by Kafka Streams, as read at read_committed: each word's are 1, 2, 3 and so on."""

    def __init__(self, topic):
        super().__init__(topic)
        self.wanted, self.counts, self.home = collections.Counter(), collections.Counter(), {}

    def wrote(self, words):
        self.wanted.update(words)

    def read(self, partition, offset, word, count):
        if self.home.setdefault(word, partition) != partition:
            self.broken(f"{word} is in partitions {self.home[word]} and {partition}")
        if count != self.counts[word] + 1:
            self.broken(f"{word}: {count} came after {self.counts[word]}, in partition {partition} at {offset}")
        self.counts[word] = count

    def reached(self, wanted):
        return all(self.counts[word] >= count for word, count in wanted.items())

    def finish(self):
        for word in sorted(self.counts.keys() | self.wanted.keys()):
            if self.counts[word] != self.wanted[word]:
                self.broken(f"{word}: {self.counts[word]} in the end, not {self.wanted[word]}")


def is_flat(memory, grows_by=0.1, floor_bytes=16 << 20):
    """Whether memory, sampled at even distances once retention deletes, stays where it was: its later half against its earlier one."""
    half = len(memory) // 2
    if not half:
        return True
    before, after = (sorted(part)[len(part) // 2] for part in (memory[:half], memory[half:]))
    return after <= before * (1 + grows_by) + floor_bytes
