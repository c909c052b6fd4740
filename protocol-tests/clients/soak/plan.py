"""What goes wrong in a soak, and when: drawn from a seed, and from nothing that happens meanwhile."""
import collections
import random

# `target` is a node, a client, or nothing; `seed` decides what else the fault has to choose.
Fault = collections.namedtuple("Fault", "kind target seed")
# What goes wrong at the same time, for so long; then the clients have so long before they must be well again.
Step = collections.namedtuple("Step", "number faults seconds")

NODE, CLIENT, CLUSTER = "node", "client", "cluster"
# Each kind's target.
KINDS = {
    "stop a node": NODE,
    "pause a node": NODE,
    "restart all nodes": CLUSTER,
    "move leaders": CLUSTER,
    "move coordinators": CLUSTER,
    "load coordinators": CLUSTER,
    "cut connections": NODE,
    "delay answers": CLUSTER,
    "lose answers": CLUSTER,
    "refuse requests": CLUSTER,
    "kill a client": CLIENT,
    "stop a client": CLIENT,
    "suspend a client": CLIENT,
    "put a snapshot back": CLUSTER,
}
# A snapshot is put back while nobody writes, so nothing else goes wrong then; nodes that restart in turn need the others.
ALONE = {"put a snapshot back", "restart all nodes"}
SECONDS = (2.0, 6.0)
TWO_AT_ONCE = 0.3


def steps(seed, nodes, clients):
    """Steps without end. Every kind comes once before any comes again."""
    rng, bag, number = random.Random(seed), [], 0

    def fault(kind):
        target = {NODE: lambda: rng.choice(nodes), CLIENT: lambda: rng.choice(clients), CLUSTER: lambda: None}[KINDS[kind]]()
        return Fault(kind, target, rng.getrandbits(32))

    while True:
        if not bag:
            bag = list(KINDS)
            rng.shuffle(bag)
        kinds = [bag.pop()]
        if kinds[0] not in ALONE and rng.random() < TWO_AT_ONCE:
            kinds += rng.sample([kind for kind in KINDS if kind not in ALONE | set(kinds)], 1)
        number += 1
        yield Step(number, [fault(kind) for kind in kinds], rng.uniform(*SECONDS))
