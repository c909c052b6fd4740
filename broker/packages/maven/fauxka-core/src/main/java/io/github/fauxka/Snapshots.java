package io.github.fauxka;

import io.github.fauxka.control.SnapshotView;
import io.github.fauxka.control.SnapshotsOperations;
import java.util.List;

/** What the cluster was at some moment, and can be again. */
public final class Snapshots {
    private final SnapshotsOperations snapshots;

    Snapshots(SnapshotsOperations snapshots) {
        this.snapshots = snapshots;
    }

    /** All snapshots. */
    public List<SnapshotView> list() {
        return snapshots.listSnapshots();
    }

    /** Takes a snapshot. One of that name is replaced. */
    public SnapshotView take(String name) {
        return snapshots.takeSnapshot(name);
    }

    /** Makes the cluster what it was when the snapshot was taken. */
    public void restore(String name) {
        snapshots.restoreSnapshot(name);
    }

    /** Forgets a snapshot. */
    public void forget(String name) {
        snapshots.forgetSnapshot(name);
    }
}
