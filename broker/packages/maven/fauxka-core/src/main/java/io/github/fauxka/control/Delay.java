package io.github.fauxka.control;

import java.time.Duration;

/**
 * How long something takes.
 *
 * @param time the time, such as {@code 5s} or {@code 1m 30s}
 * @param jitter how much it varies in both directions; null if it does not
 */
public record Delay(String time, String jitter) {
    /** Always the same time. */
    public static Delay of(Duration time) {
        return new Delay(text(time), null);
    }

    /** A time that varies, drawn from the cluster's seed. */
    public static Delay of(Duration time, Duration jitter) {
        return new Delay(text(time), text(jitter));
    }

    /** A duration as the control port reads it. */
    public static String text(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(time + " is negative");
        }
        return time.getSeconds() + "s " + time.getNano() + "ns";
    }
}
