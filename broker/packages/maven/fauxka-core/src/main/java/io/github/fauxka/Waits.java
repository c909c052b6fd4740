package io.github.fauxka;

import io.github.fauxka.control.ControlException;

/** What becomes of a wait that was in vain. */
final class Waits {
    private static final int TIMED_OUT = 408;

    private Waits() {
    }

    /** A test's failure, if what it waited for did not come; else the refusal as it is. */
    static Error unmet(ControlException error) {
        if (error.status() == TIMED_OUT) {
            return new ExpectationError(error.getMessage(), error);
        }
        throw error;
    }
}
