package io.github.fauxka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The end of what a program writes to its log, which is read as it comes: a full pipe would stop the program. */
final class Tail {
    private static final int KEPT = 64 * 1024;

    private final byte[] ring = new byte[KEPT];
    private final Thread reader;
    private long written;

    Tail(InputStream log) {
        reader = new Thread(() -> copy(log), "fauxka-log");
        reader.setDaemon(true);
        reader.start();
    }

    private void copy(InputStream log) {
        var piece = new byte[8192];
        try (log) {
            for (int count = log.read(piece); count >= 0; count = log.read(piece)) {
                keep(piece, count);
            }
        } catch (IOException closed) {
            // The program has ended, and the pipe with it.
        }
    }

    private synchronized void keep(byte[] piece, int count) {
        for (int at = 0; at < count; at++) {
            ring[(int) (written++ % KEPT)] = piece[at];
        }
    }

    /** What is kept, from the beginning of a line if there was more. */
    synchronized String text() {
        if (written <= KEPT) {
            return new String(ring, 0, (int) written, StandardCharsets.UTF_8).strip();
        }
        int begin = (int) (written % KEPT);
        var ordered = new byte[KEPT];
        System.arraycopy(ring, begin, ordered, 0, KEPT - begin);
        System.arraycopy(ring, 0, ordered, KEPT - begin, begin);
        String text = new String(ordered, StandardCharsets.UTF_8);
        return text.substring(text.indexOf('\n') + 1).strip();
    }

    /** Waits for the rest of a program's log that has ended. */
    void finish() {
        try {
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }
}
