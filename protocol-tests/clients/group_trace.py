"""What the members of a group said, in order, and the rules that it must keep: see README.md."""
import collections

# A stretch is what one member consumed of one partition between gaining and losing it.
Stretch = collections.namedtuple("Stretch", "member offsets")


class Trace:
    def __init__(self, partitions, late=0.0, allows=()):
        """`late`: seconds by which a LOST may be late; `allows`: what the library does by itself.

        repeats: hands records out again that it handed out shortly before a partition changed its owner.
        strays: hands out what it had fetched of a partition after it lost it.
        drops: when it leaves, takes one record as consumed without handing it out.
        """
        self.partitions = range(partitions)
        self.late = late
        self.repeats, self.strays, self.drops = (word in allows for word in ("repeats", "strays", "drops"))
        self.owned = collections.defaultdict(set)
        self.ended = set()
        self.stretches = {partition: [] for partition in self.partitions}
        self.open = {}
        self.overlaps = {}
        self.excused = collections.Counter()
        self.moves = 0
        self.faults = []

    def feed(self, line, now):
        """One line: MEMBER GAINED P,P | MEMBER LOST P,P | MEMBER GOT P OFFSET VALUE | MEMBER ENDED."""
        member, word, *rest = line.split(" ")
        if word == "GOT":
            self.got(member, int(rest[0]), int(rest[1]), rest[2])
        elif word == "ENDED":
            self.ended.add(member)
            self.lost(member, set(self.owned[member]), now)
        elif word in ("GAINED", "LOST"):
            partitions = {int(number) for number in rest[0].split(",")} if rest and rest[0] else set()
            (self.gained if word == "GAINED" else self.lost)(member, partitions, now)
        else:
            self.faults.append(f"not a line of the contract: {line}")

    def gained(self, member, partitions, now):
        for partition in partitions:
            for other, theirs in self.owned.items():
                if other != member and partition in theirs:
                    self.overlaps[partition, other] = (member, now)
                    if not self.late:
                        self.overlap(partition, other)
            self.moves += 1
            self.open.pop((member, partition), None)
        self.owned[member] |= partitions

    def overlap(self, partition, other):
        member, _ = self.overlaps.pop((partition, other))
        self.faults.append(f"partition {partition}: {member} gained it while {other} owned it")

    def lost(self, member, partitions, now):
        for partition in partitions:
            if (partition, member) in self.overlaps:
                if now - self.overlaps[partition, member][1] > self.late:
                    self.overlap(partition, member)
                self.overlaps.pop((partition, member), None)
            if not self.strays:
                self.open.pop((member, partition), None)
        self.owned[member] -= partitions

    def got(self, member, partition, offset, value):
        if value != f"{partition}:{offset}":
            self.faults.append(f"{member} got {value} at offset {offset} of partition {partition}")
        if partition not in self.owned[member] and not self.strays:
            self.faults.append(f"{member} got offset {offset} of partition {partition}, which it does not own")
        stretch = self.open.get((member, partition))
        if stretch is None:
            stretch = self.open[member, partition] = Stretch(member, [])
            self.stretches[partition].append(stretch)
        elif offset != stretch.offsets[-1] + 1:
            self.faults.append(f"{member} got offset {offset} of partition {partition} after {stretch.offsets[-1]}")
        stretch.offsets.append(offset)

    def settled(self, members):
        """Whether these members, and no others, own all partitions evenly, and have consumed from each of them."""
        owned = {member: self.owned[member] for member in members}
        sizes = [len(theirs) for theirs in owned.values()]
        return (sorted(partition for theirs in self.owned.values() for partition in theirs) == list(self.partitions)
                and sum(sizes) == len(self.partitions) and max(sizes) - min(sizes) <= 1
                and all((member, partition) in self.open for member, theirs in owned.items() for partition in theirs))

    def next_offsets(self):
        """For each partition the offset after the furthest that was consumed."""
        return {partition: max((stretch.offsets[-1] + 1 for stretch in stretches), default=0)
                for partition, stretches in self.stretches.items()}

    def excuse(self, member, committed):
        """`member` was killed: what it had consumed but not committed counts as not consumed. Returns how many records."""
        count = 0
        for partition, stretches in self.stretches.items():
            for stretch in stretches:
                late = [offset for offset in stretch.offsets if offset >= (committed[partition] or 0)]
                if stretch.member == member:
                    self.excused.update((partition, offset) for offset in late)
                    count += len(late)
        return count

    def verdict(self, ends):
        """(what the library did by itself, the rules that were broken)."""
        faults = list(self.faults)
        faults += [f"partition {partition}: {member} gained it, {other} never lost it"
                   for (partition, other), (member, _) in self.overlaps.items()]
        repeated, dropped = 0, []
        for partition, stretches in self.stretches.items():
            times = collections.Counter(offset for stretch in stretches for offset in stretch.offsets)
            for offset in range(ends[partition]):
                done = times[offset] - self.excused[partition, offset]
                if done < 1:
                    dropped.append(f"partition {partition}: nobody consumed offset {offset}")
                elif done > 1 and not self.repeats:
                    faults.append(f"partition {partition}: offset {offset} was consumed {done} times")
                repeated += max(done - 1, 0)
            starts = [stretch.offsets[0] for stretch in stretches]
            if starts != sorted(starts):
                faults.append(f"partition {partition}: it was taken up at {starts}, so a commit went back")
        if len(dropped) > (len(self.ended) if self.drops else 0):
            faults += dropped
        own = (f"; {repeated} repeated by the library" if repeated else "") + (
            f"; {len(dropped)} dropped by the library" if dropped else "")
        return own, faults
