package io.github.fauxka;

import io.github.fauxka.control.Advance;
import io.github.fauxka.control.Advanced;
import io.github.fauxka.control.ClockOperations;
import io.github.fauxka.control.ClockView;
import java.time.Duration;
import java.util.List;

/** The cluster's time. It moves by these methods if the clock is manual. */
public final class Clock {
    private final ClockOperations clock;

    Clock(ClockOperations clock) {
        this.clock = clock;
    }

    /** What time it is, and what is due. */
    public ClockView view() {
        return clock.getClock();
    }

    /**
     * Moves a manual clock. What was due on the way has happened when this returns.
     *
     * @param time how far
     * @param silent client ids, or patterns of them, whose sessions are to run out: all others keep theirs, as by their heartbeats
     */
    public Advanced advance(Duration time, String... silent) {
        return clock.advanceClock(Advance.by(time, silent));
    }

    /** Moves a manual clock by a time such as {@code 45s} or {@code 1m 30s}. */
    public Advanced advance(String time, String... silent) {
        return clock.advanceClock(new Advance(time, List.of(silent)));
    }

    /** Moves a manual clock to the next thing that is due. */
    public Advanced advanceToNext(String... silent) {
        return clock.advanceClock(Advance.toNext(silent));
    }
}
