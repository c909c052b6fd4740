package io.github.fauxka;

/** What a test does with a cluster. */
@FunctionalInterface
public interface ClusterTest {
    /** The test, which may throw what it likes. */
    void run(Fauxka cluster) throws Throwable;
}
