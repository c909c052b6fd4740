"""Tells the id of its cluster's process, and waits to be killed."""
import pathlib
import sys
import threading

from fauxka import Cluster


def started_elsewhere():
    """A cluster whose thread has ended, which must not end it."""
    made = []
    thread = threading.Thread(target=lambda: made.append(Cluster(topics="orders")))
    thread.start()
    thread.join()
    return made[0]


def main():
    cluster = started_elsewhere()
    assert len(cluster.topics.list()) == 1
    told = pathlib.Path(sys.argv[1])
    told.with_suffix(".new").write_text(str(cluster.pid))
    told.with_suffix(".new").rename(told)
    threading.Event().wait(60)


main()
