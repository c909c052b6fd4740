package io.github.fauxka.control;

import java.time.Duration;
import java.util.List;

/**
 * How far to move a manual clock.
 *
 * @param by how far, such as {@code 45s}; null to move it to the next thing that is due
 * @param silent client ids, or patterns of them, of those whose heartbeats stay out meanwhile
 */
public record Advance(String by, List<String> silent) {
    /** By this time, while the clients with these ids send no heartbeats. */
    public static Advance by(Duration time, String... silent) {
        return new Advance(Delay.text(time), List.of(silent));
    }

    /** To the next thing that is due, while the clients with these ids send no heartbeats. */
    public static Advance toNext(String... silent) {
        return new Advance(null, List.of(silent));
    }
}
