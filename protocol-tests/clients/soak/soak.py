#!/usr/bin/env python3
"""Clients of five libraries on a cluster that goes wrong all the while: see ../README.md.

Starts the built broker, with --oracle Apache Kafka. What goes wrong, and when, is drawn from the seed.
"""
import argparse
import collections
import contextlib
import pathlib
import random
import shutil
import signal
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import breach  # noqa: E402
import clusters  # noqa: E402
import faults  # noqa: E402
import plan  # noqa: E402
import rules  # noqa: E402
import run  # noqa: E402
import stage as stages  # noqa: E402
import toolchains  # noqa: E402

CALM_SECONDS = 1.5
MEMORY_EVERY_SECONDS = 10
# Retention has deleted for a while by then.
PLATEAU_SECONDS = stages.RETENTION_SECONDS + 120
MENDED = HERE.parent / "node" / "kafkajs_whole_answers.js"


def kafkajs(program):
    """kafkajs with its issue 715 mended, which ends any program whose connections are cut in the middle of answers."""
    def command(cache):
        *words, file = run.node("kafkajs", program)(cache)
        return [*words, "--require", MENDED, file]
    return command


def programs(cache):
    java, python, go = run.java, run.python, run.go
    return {name: command(cache) for name, command in {
        "java": java("SoakClient"), "confluent": python("soak_confluent.py"), "aiokafka": python("soak_aiokafka.py"), "go": go("soak"),
        "kafkajs": kafkajs("soak.js"), "group/java": java("GroupMember"), "group/confluent": python("confluent_kafka_client.py"),
        "group/aiokafka": python("aiokafka_client.py"), "group/go": go("franz-go"), "group/kafkajs": kafkajs("kafkajs.js"),
        "share/java": java("ShareMembers"), "share/confluent": python("share_members.py"), "share/go": go("franz-go"),
        "streams": java("WordCount")}.items()}


class Watch:
    """Figures of a run."""

    def __init__(self, cluster, patience):
        self.cluster, self.plateau_seconds = cluster, PLATEAU_SECONDS * patience
        self.memory, self.kinds, self.well = [], collections.Counter(), []
        self.started = self.looked = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.started

    def look(self):
        if time.monotonic() - self.looked >= MEMORY_EVERY_SECONDS:
            self.looked = time.monotonic()
            self.memory.append((self.seconds(), self.cluster.memory()))

    def fault(self):
        """What is wrong with the memory."""
        plateau = [resident for seconds, resident in self.memory if seconds >= self.plateau_seconds]
        return [] if rules.is_flat(plateau) else [f"memory grew: {[resident >> 20 for resident in plateau]} MiB"]


def said(stage, watch):
    """Lines about a run."""
    written, taken = stage.written.values(), stage.taken.values()
    operations = {"records acknowledged": sum(one.acknowledged for one in written), "sends failed": sum(one.failed for one in written),
                  "consumed in groups": sum(one.consumed for one in taken), "consumed again": sum(one.repeated for one in taken),
                  "shared": stage.shared.delivered, "shared again": stage.shared.repeated,
                  "acknowledgements accepted": len(stage.shared.done), "copied in transactions": sum(one.copied() for one in stage.copied.values()),
                  "words counted": sum(stage.counted.counts.values()), **stage.counts, "requests": stage.cluster.requests()}
    memory = [resident >> 20 for _, resident in watch.memory]
    yield "operations: " + ", ".join(f"{count:,} {name}" for name, count in operations.items() if count is not None)
    yield f"faults: {sum(watch.kinds.values())}; " + ", ".join(f"{kind} {count}" for kind, count in sorted(watch.kinds.items()))
    if stage.cluster.refused:
        yield f"moves that the cluster refused: {len(stage.cluster.refused)}, such as {stage.cluster.refused[0]}"
    if watch.well:
        yield f"well again after {statistics.median(watch.well):.1f} s in the middle, {max(watch.well):.1f} s at most"
    if memory:
        yield f"resident, MiB: {', '.join(map(str, memory[::max(1, len(memory) // 12)]))}"


def soak(stage, watch, options):
    stage.start()
    print(f"all came together after {stage.wait_until_together():.1f} s", flush=True)
    watch.started = time.monotonic()
    if options.breach:
        breach.happen(stage, options.breach)
    for step in plan.steps(options.seed, clusters.NODES, sorted(stage.workers)):
        if watch.seconds() + step.seconds > options.seconds:
            break
        print(f"{watch.seconds():7.1f} {step.number}: {' and '.join(f'{one.kind} {one.target or str()}'.strip() for one in step.faults)}, "
              f"{step.seconds:.1f} s", flush=True)
        watch.kinds.update(faults.happen(stage, step))
        time.sleep(CALM_SECONDS)
        watch.well.append(stage.wait_until_well())
        watch.look()
    stage.drain()
    return stage.faults() + watch.fault()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120, help="how long things go wrong")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--patience", type=float, default=1, help="how much longer than usual everything may take, as on a machine that others use")
    parser.add_argument("--pace", type=float, default=1, help="how many times as fast as usual producers are")
    parser.add_argument("--folder", type=pathlib.Path, help="where logs and the recording go")
    parser.add_argument("--break", dest="breach", choices=sorted(breach.KINDS), help="have the broker break a promise first: the soak must fail")
    parser.add_argument("--oracle", action="store_true", help="start Apache Kafka")
    parser.add_argument("--cache", type=pathlib.Path, default=run.ROOT / "target" / "clients")
    options = parser.parse_args()
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def started(options, folder):
    settings = stages.settings(options.patience)
    if options.oracle:
        import kafka
        return kafka.running(settings, folder)
    return clusters.fauxka_running(settings, folder, options.seed)


def given(options):
    """How to give make what it has no word of its own for."""
    words = [f"--{name} {value:g}" for name, value in (("pace", options.pace), ("patience", options.patience)) if value != 1]
    words += [f"--break {options.breach}"] if options.breach else []
    return f'ARGS="{" ".join(words)}"' if words else ""


def end(*_):
    """So that the clients end with the program, once: whoever ends it a second time does not keep it from ending them."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit("ended by SIGTERM")


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, end)
    again = f"make soak SECONDS={options.seconds:g} SEED={options.seed}{' ORACLE=1' if options.oracle else ''} {given(options)}".strip()
    print(f"soak: {again}", flush=True)
    try:
        commands = programs(options.cache)
    except toolchains.Missing as missing:
        print(f"{missing.word} soak: {missing}")
        sys.exit(missing.verdict == "failed")
    folder = (options.folder or options.cache / "soak").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with started(options, folder) as cluster, contextlib.closing(stages.Stage(cluster, commands, folder, options.patience, options.pace)) as stage:
        watch = Watch(cluster, options.patience)
        try:
            wrong = soak(stage, watch, options)
        except (AssertionError, OSError) as error:
            wrong = [str(error)]
        if wrong:
            with contextlib.suppress(OSError):
                cluster.keep(folder)
            stage.ask_where_they_are()
        for line in said(stage, watch):
            print(line, flush=True)
    for one in wrong:
        print(f"FAILED  {one}", flush=True)
    if wrong:
        print(f"soak: failed after {watch.seconds():.0f} s; logs and recording are in {folder}; again: {again}")
        sys.exit(1)
    (folder / "recording.run").unlink(missing_ok=True)
    print(f"soak: passed, {watch.seconds():.0f} s, seed {options.seed}")


if __name__ == "__main__":
    main()
