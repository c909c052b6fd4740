package io.github.fauxka;

/**
 * What a test does with a cluster.
 *
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface ClusterTest<E extends Exception> {
    /** The test. */
    void run(Fauxka cluster) throws E;
}
