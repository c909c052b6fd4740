package io.github.fauxka.junit5;

import io.github.fauxka.Fauxka;
import io.github.fauxka.FauxkaBuilder;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

/** The cluster of all tests of a class, which takes one test at a time. */
final class SharedCluster implements AutoCloseable {
    private final Fauxka cluster;
    private String test;

    SharedCluster(FauxkaBuilder builder) {
        cluster = builder.start();
    }

    Fauxka cluster() {
        return cluster;
    }

    synchronized void begin(String id) {
        if (test != null) {
            throw new ExtensionConfigurationException("tests that run at the same time cannot share a cluster, since it is reset before each:"
                    + " leave out scope = Scope.CLASS, or annotate the class with @Execution(ExecutionMode.SAME_THREAD)");
        }
        cluster.reset();
        test = id;
    }

    synchronized boolean isUsedBy(String id) {
        return id.equals(test);
    }

    synchronized void end(String id) {
        if (isUsedBy(id)) {
            test = null;
        }
    }

    @Override
    public void close() {
        cluster.close();
    }
}
