package io.github.fauxka;

/** What a cluster tells of a failed test. It is attached to the failure as a suppressed exception, since every runner prints those. */
public final class FauxkaReport extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the report's text. Where it was made is of no interest, so it has no stack trace. */
    public FauxkaReport(String text) {
        super(text, null, false, false);
    }

    /** Attaches reports to a failure, for all that prints its stack trace. */
    public static void attach(Throwable failure, String text) {
        failure.addSuppressed(new FauxkaReport(text));
    }

    @Override
    public String toString() {
        return "Fauxka's report\n" + getMessage();
    }
}
