package io.github.fauxka.control;

/**
 * How often a rule must have acted.
 *
 * @param atLeast at least so often
 * @param atMost at most so often; null if any number above is fine
 */
public record Expected(long atLeast, Long atMost) {
    /** Exactly so often. */
    public static Expected exactly(long times) {
        return new Expected(times, times);
    }

    /** So often or more. */
    public static Expected atLeast(long times) {
        return new Expected(times, null);
    }

    /** So often or less. */
    public static Expected atMost(long times) {
        return new Expected(0, times);
    }

    /** No less than the first, and no more than the second number. */
    public static Expected between(long atLeast, long atMost) {
        return new Expected(atLeast, atMost);
    }
}
