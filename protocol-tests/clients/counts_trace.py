"""What a reader at read_committed saw of word counts, and the rules that it must keep: see README.md."""
import collections
import re


def words(line):
    return [word for word in re.split("[^A-Za-z0-9]+", line) if word]


class Trace:
    """Each word's counts must be 1, 2, 3 and so on, in one partition."""

    def __init__(self):
        self.counts = collections.Counter()
        self.home = {}
        self.next_offsets = collections.Counter()
        self.records = 0
        self.faults = []

    def feed(self, line):
        """One line: PARTITION OFFSET WORD COUNT."""
        partition, offset, word, count = line.split(" ")
        partition, offset, count = int(partition), int(offset), int(count)
        self.records += 1
        if offset < self.next_offsets[partition]:
            self.faults.append(f"partition {partition}: offset {offset} came after {self.next_offsets[partition] - 1}")
        self.next_offsets[partition] = offset + 1
        if self.home.setdefault(word, partition) != partition:
            self.faults.append(f"{word} is in partitions {self.home[word]} and {partition}")
        before = self.counts[word]
        if count != before + 1:
            self.faults.append(f"{word}: {count} came after {before}, in partition {partition} at {offset}")
        self.counts[word] = count

    def verdict(self, wanted):
        """The faults, beside those of the counts that are not the wanted ones in the end."""
        wrong = [f"{word}: {self.counts[word]} in the end, not {wanted[word]}"
                 for word in sorted(self.counts.keys() | wanted.keys()) if self.counts[word] != wanted[word]]
        return self.faults + wrong
