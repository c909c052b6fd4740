"""What a rolling replacement cost: figures and a picture, from what its members were told."""
import collections
import html
import itertools
import statistics

# A stretch in which `owner` (None: nobody) had a partition.
Stretch = collections.namedtuple("Stretch", "owner start end")

ROW, LEFT, TOP, WIDTH = 16, 40, 60, 1400
HUE_STEP = 137.508


def stretches(journal, partitions):
    """For each partition its stretches from the start to the end of the replacing, without a hole between them.

    An owner has a partition from its assign callback until its revoke or lost callback begins. Two owners at once are a fault.
    """
    owner, since = dict.fromkeys(range(partitions)), dict.fromkeys(range(partitions), journal["start"])
    found = {partition: [] for partition in range(partitions)}

    def change(partition, now, new):
        now = min(max(now, journal["start"]), journal["end"])
        if now > since[partition]:
            found[partition].append(Stretch(owner[partition], since[partition], now))
        owner[partition], since[partition] = new, now

    for now, what, member, changed in journal["callbacks"]:
        for partition in changed:
            if what == "gained":
                if owner[partition] is not None:
                    raise SystemExit(f"partition {partition}: {member} got it while {owner[partition]} had it")
                change(partition, now, member)
            elif owner[partition] == member:
                change(partition, now, None)
    for partition in range(partitions):
        change(partition, journal["end"], None)
    return found


def moves(rows):
    """How often a partition's next owner was another than the last."""
    owners = [[stretch.owner for stretch in row if stretch.owner] for row in rows.values()]
    return sum(old != new for row in owners for old, new in itertools.pairwise(row))


def figures(journal, partitions):
    """What stands in the table, by name; times in seconds."""
    rows = stretches(journal, partitions)
    gaps = [stretch.end - stretch.start for row in rows.values() for stretch in row if stretch.owner is None]
    inside = [one for one in journal["callbacks"] if journal["start"] <= one[0] <= journal["end"]]
    within = [[journal["start"], *(at for at in times if journal["start"] <= at <= journal["end"]), journal["end"]]
              for times in journal["records"]]
    return {
        "longest without owner, s": max(gaps, default=0.0),
        "median without owner, s": statistics.median(gaps) if gaps else 0.0,
        "total without owner, s": sum(gaps),
        "longest without a record, s": max(new - old for times in within for old, new in itertools.pairwise(times)),
        "times without owner": len(gaps),
        "generations": journal["generations"],
        "assign callbacks": sum(one[1] == "gained" for one in inside),
        "revoke callbacks": sum(one[1] == "lost" for one in inside),
        "partitions moved": moves(rows),
        "whole replacement, s": journal["end"] - journal["start"],
    }


def colour(owner, owners):
    return f"hsl({owners.index(owner) * HUE_STEP % 360:.0f} 65% {50 + 12 * owner.endswith(chr(39))}%)"


def svg(journal, partitions, title, flags):
    """A row for each partition, a colour for each owner, black where there was none."""
    rows, length = stretches(journal, partitions), journal["end"] - journal["start"]
    owners = list(dict.fromkeys(stretch.owner for row in rows.values() for stretch in row if stretch.owner))
    height = TOP + partitions * ROW + 30
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 20}" height="{height}" font-family="sans-serif">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{LEFT}" y="22" font-size="16">{html.escape(title)}</text>',
             f'<text x="{LEFT}" y="42" font-size="11">{html.escape(flags)}; black: no owner</text>']
    for partition, row in rows.items():
        top = TOP + partition * ROW
        lines.append(f'<text x="{LEFT - 6}" y="{top + 12}" font-size="11" text-anchor="end">{partition}</text>')
        for stretch in row:
            left, right = ((at - journal["start"]) / length * WIDTH for at in stretch[1:])
            fill = colour(stretch.owner, owners) if stretch.owner else "black"
            lines.append(f'<rect x="{LEFT + left:.2f}" y="{top}" width="{max(right - left, 0.3):.2f}" height="{ROW - 2}" '
                         f'fill="{fill}"><title>{html.escape(stretch.owner or "no owner")} '
                         f'{stretch.end - stretch.start:.3f} s</title></rect>')
    for tenth in range(11):
        at = LEFT + WIDTH * tenth / 10
        lines.append(f'<text x="{at}" y="{height - 10}" font-size="11" text-anchor="middle">{length * tenth / 10:.0f} s</text>')
    return "\n".join([*lines, "</svg>", ""])
