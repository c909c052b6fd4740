package io.github.fauxka.spring;

import io.github.fauxka.Fauxka;
import io.github.fauxka.Teardown;
import java.util.Map;

/** The cluster of a context, which takes one test at a time if it is reset between them. */
final class ContextCluster {
    static final String NAME = "io.github.fauxka.spring.ContextCluster";

    private final Fauxka cluster;
    private final boolean reset;
    private Object test;
    private boolean isUsed;

    ContextCluster(Fauxka cluster, boolean reset) {
        this.cluster = cluster;
        this.reset = reset;
    }

    synchronized void begin(Object next) {
        if (reset && test != null) {
            throw new IllegalStateException("tests that run at the same time cannot share the cluster of their application context, since it is reset"
                    + " between them: set reset = false, or run them one after the other");
        }
        test = next;
        // Not before the first test: listeners have just joined their groups, and a reset would have them begin again.
        if (reset && isUsed) {
            cluster.reset();
        }
        isUsed = true;
    }

    synchronized void end(Object ended, Throwable failure) {
        if (test != ended && reset) {
            return;
        }
        test = null;
        // A test that has not run to its end, since an assumption is wrong, has nothing to verify.
        if (failure == null || !failure.getClass().getSimpleName().equals("TestAbortedException")) {
            Teardown.verify(Map.of("the context's cluster", cluster), failure);
        }
    }
}
