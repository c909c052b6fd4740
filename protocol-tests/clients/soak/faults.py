"""Has the faults of a plan happen to a cluster and to its clients."""
import contextlib
import random
import signal
import time

GROUP_SHARE = 0.6
LOADING = "2s"


@contextlib.contextmanager
def while_it_lasts(stage, fault):
    """The fault, from before the block until after it."""
    cluster, rng = stage.cluster, random.Random(fault.seed)
    kinds = {
        "stop a node": lambda: cluster.node_stopped(fault.target, rng),
        "pause a node": lambda: cluster.node_paused(fault.target, rng),
        "restart all nodes": lambda: at_once(cluster.restart_all),
        "move leaders": lambda: at_once(lambda: cluster.move_leaders(some(stage.partitions(), rng), rng)),
        "move coordinators": lambda: at_once(lambda: cluster.move_coordinators(some(stage.groups(), rng), rng)),
        "load coordinators": lambda: at_once(lambda: cluster.move_coordinators(some(stage.groups(), rng), rng, LOADING)),
        "cut connections": lambda: cluster.connections_cut(fault.target, rng),
        "delay answers": lambda: cluster.answers_delayed(rng),
        "lose answers": lambda: cluster.answers_lost(rng),
        "refuse requests": lambda: cluster.requests_refused(rng),
        "kill a client": lambda: client_gone(stage.workers[fault.target], lambda worker: worker.kill()),
        "stop a client": lambda: client_gone(stage.workers[fault.target], stage.dismiss),
        "suspend a client": lambda: client_suspended(stage.workers[fault.target]),
        "put a snapshot back": lambda: snapshot_put_back(stage),
    }
    with kinds[fault.kind]():
        yield


def some(things, rng):
    return [one for one in things if rng.random() < GROUP_SHARE]


@contextlib.contextmanager
def at_once(act):
    act()
    yield


@contextlib.contextmanager
def client_gone(worker, go):
    go(worker)
    yield
    worker.start()


@contextlib.contextmanager
def client_suspended(worker):
    """It neither speaks nor hears, and returns as a zombie if its session has ended meanwhile."""
    worker.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.signal(signal.SIGCONT)


@contextlib.contextmanager
def snapshot_put_back(stage):
    """What is acknowledged between the taking and the putting back is lost, and nothing else: nobody writes meanwhile, but the runner does,
    to a topic that nobody else knows, and those records must be gone. Members of groups go on, so commits and acknowledgements may be lost."""
    with stage.quiet():
        before = stage.ends()
        stage.snapshot_taken()
        stage.write_void()
        yield
        stage.cluster.put_snapshot_back()
        stage.snapshot_back(before)


def happen(stage, step):
    """The faults of a step, for as long as it says. Returns what kinds there were."""
    faults = [fault for fault in step.faults if fault.kind not in stage.cluster.lacks]
    with contextlib.ExitStack() as stack:
        for fault in faults:
            stack.enter_context(while_it_lasts(stage, fault))
        if faults:
            time.sleep(step.seconds)
    return [fault.kind for fault in faults]
