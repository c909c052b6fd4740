package io.github.fauxka;

/** Something went wrong with a cluster: it did not start, or it refused a request. */
public class FauxkaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that says what to do. */
    public FauxkaException(String message) {
        super(message);
    }

    /** With what caused it. */
    public FauxkaException(String message, Throwable cause) {
        super(message, cause);
    }
}
