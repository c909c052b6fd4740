package io.github.fauxka;

/** What a test expected of the cluster has not happened: the test has failed. */
public final class ExpectationError extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** With what was expected and what was found. */
    public ExpectationError(String message) {
        super(message);
    }

    ExpectationError(String message, Throwable cause) {
        super(message, cause);
    }
}
