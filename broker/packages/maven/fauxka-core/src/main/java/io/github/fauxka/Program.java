package io.github.fauxka;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The running program, from its start to its end. */
final class Program {
    private static final int READY_SECONDS = 20;
    private static final int STOP_SECONDS = 5;

    private final Process process;
    private final Tail log;
    private final String command;

    private Program(Process process, String command) {
        this.process = process;
        this.command = command;
        log = new Tail(process.getErrorStream());
    }

    static Program start(Path binary, List<String> options) {
        var command = new ArrayList<String>(List.of(binary.toString()));
        command.addAll(options);
        var builder = new ProcessBuilder(command);
        // What a cluster is, its test says: not a variable for a cluster that somebody runs by hand.
        builder.environment().keySet().removeIf(name -> name.startsWith("FAUXKA_"));
        try {
            // Its standard input stays open: on Windows its end says that this process has ended.
            return new Program(builder.start(), String.join(" ", command));
        } catch (IOException error) {
            throw new FauxkaException("cannot run " + binary + ": " + error.getMessage()
                    + "\nIt must be the fauxka program for " + Platform.name() + ". FAUXKA_BINARY can name another.", error);
        }
    }

    /** What the READY line says. */
    Map<String, String> ready() {
        String line = firstLine();
        if (line == null || !line.startsWith("READY ")) {
            throw ended(line);
        }
        var words = new HashMap<String, String>();
        for (String word : line.substring("READY ".length()).split(" ")) {
            int at = word.indexOf('=');
            words.put(word.substring(0, Math.max(at, 0)), word.substring(at + 1));
        }
        return words;
    }

    private String firstLine() {
        var line = new CompletableFuture<String>();
        var reader = new Thread(() -> read(line), "fauxka-ready");
        reader.setDaemon(true);
        reader.start();
        try {
            return line.get(READY_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException error) {
            stop();
            throw new FauxkaException("no READY line within " + READY_SECONDS + " seconds" + described(), error);
        } catch (InterruptedException error) {
            stop();
            Thread.currentThread().interrupt();
            throw new FauxkaException("interrupted while a cluster started", error);
        } catch (ExecutionException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Reads on to the end: nobody else does, and a full pipe would stop the program. */
    private void read(CompletableFuture<String> first) {
        try (BufferedReader lines = process.inputReader()) {
            first.complete(lines.readLine());
            lines.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
            first.complete(null);
        }
    }

    private FauxkaException ended(String line) {
        boolean ended = waitFor(line == null ? STOP_SECONDS : 0);
        int status = ended ? process.exitValue() : 0;
        if (!ended) {
            stop();
        }
        log.finish();
        String what = ended ? "the program ended with status " + status + " before its READY line" : "the program printed no READY line";
        return new FauxkaException(what + (line == null ? "" : ", but: " + line) + described());
    }

    private String described() {
        String text = log.text();
        return "\ncommand: " + command + "\nits log " + (text.isEmpty() ? "is empty" : "ends with:\n" + text.indent(2).stripTrailing());
    }

    /** What to say if the cluster does not answer. */
    String state() {
        if (process.isAlive()) {
            return "the program is still running" + described();
        }
        log.finish();
        return "the program has ended with status " + process.exitValue() + described();
    }

    long pid() {
        return process.pid();
    }

    String log() {
        return log.text();
    }

    /** Asks it to end, and ends it if it does not. */
    void stop() {
        process.destroy();
        if (!waitFor(STOP_SECONDS)) {
            process.destroyForcibly();
            waitFor(STOP_SECONDS);
        }
        try {
            process.getOutputStream().close();
        } catch (IOException closed) {
            // It is closed already.
        }
    }

    private boolean waitFor(int seconds) {
        boolean interrupted = Thread.interrupted();
        try {
            return process.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException error) {
            interrupted = true;
            return !process.isAlive();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
