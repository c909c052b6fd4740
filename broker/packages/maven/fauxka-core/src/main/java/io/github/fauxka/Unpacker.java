package io.github.fauxka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Puts the program of a jar into a folder from which it can be run. */
final class Unpacker {
    private final Packaged jar;

    Unpacker(Packaged jar) {
        this.jar = jar;
    }

    /** A folder to try; making it may fail. */
    private interface Place {
        Path folder() throws IOException;
    }

    Path unpack() {
        var why = new ArrayList<String>();
        for (Place place : List.<Place>of(this::inCache, Unpacker::inTemporary)) {
            Path path = unpacked(place, why);
            if (path != null) {
                return path;
            }
        }
        throw new FauxkaException("cannot unpack the fauxka program of " + jar.program() + ":\n  " + String.join("\n  ", why)
                + "\nMake one of these folders writable and executable (XDG_CACHE_HOME and -Djava.io.tmpdir name others), or let FAUXKA_BINARY"
                + " lead to the program.");
    }

    private Path unpacked(Place place, List<String> why) {
        Path folder = null;
        try {
            folder = place.folder();
            Path program = folder.resolve(Platform.isWindows() ? "fauxka.exe" : "fauxka");
            if (!isWhole(program)) {
                write(program);
            }
            run(program);
            return program;
        } catch (IOException error) {
            why.add((folder == null ? "" : folder + ": ") + error);
            return null;
        }
    }

    /** The user's own folder for such things. */
    private Path inCache() throws IOException {
        String home = System.getProperty("user.home");
        String caches = System.getenv(Platform.isWindows() ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
        Path cache;
        if (caches != null && Path.of(caches).isAbsolute()) {
            cache = Path.of(caches);
        } else {
            cache = Path.of(home, Platform.name().startsWith("osx") ? "Library/Caches" : ".cache");
        }
        return Files.createDirectories(cache.resolve("fauxka").resolve(jar.version() + "-" + jar.sha256().substring(0, 16)));
    }

    /** A folder that nobody else can have prepared, which goes when this virtual machine does. */
    private static Path inTemporary() throws IOException {
        Path folder = Files.createTempDirectory("fauxka-");
        folder.toFile().deleteOnExit();
        // Deleted in the reverse order: the program first.
        folder.resolve(Platform.isWindows() ? "fauxka.exe" : "fauxka").toFile().deleteOnExit();
        return folder;
    }

    private boolean isWhole(Path program) throws IOException {
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            return false;
        }
        try (InputStream bytes = Files.newInputStream(program)) {
            return digest(bytes, null).equals(jar.sha256());
        }
    }

    /** Under another name first: whoever looks meanwhile sees all of it or nothing. */
    private void write(Path program) throws IOException {
        Path part = Files.createTempFile(program.getParent(), "fauxka", ".part");
        try {
            try (InputStream bytes = jar.program().openStream()) {
                String found = digest(bytes, part);
                if (!found.equals(jar.sha256())) {
                    throw new IOException("the program in " + jar.program() + " is damaged: its SHA-256 is " + found + ", not " + jar.sha256());
                }
            }
            if (!part.toFile().setExecutable(true, false) || !part.toFile().setReadable(true, false)) {
                throw new IOException("cannot make " + part + " executable");
            }
            move(part, program);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void move(Path part, Path program) throws IOException {
        try {
            Files.move(part, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException error) {
            // Another test runner was faster, and Windows does not replace a program that runs.
            if (!isWhole(program)) {
                throw error;
            }
        }
    }

    /** The SHA-256 of the bytes, which are copied to the file if there is one. */
    private static String digest(InputStream bytes, Path copy) throws IOException {
        try {
            var reader = new DigestInputStream(bytes, MessageDigest.getInstance("SHA-256"));
            if (copy == null) {
                reader.transferTo(java.io.OutputStream.nullOutputStream());
            } else {
                Files.copy(reader, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            return HexFormat.of().formatHex(reader.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Finds out whether the folder lets programs run. */
    private static void run(Path program) throws IOException {
        for (int left = 20; ; left--) {
            try {
                Process process = new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
                process.getOutputStream().close();
                if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
                    process.destroyForcibly();
                    throw new IOException(program + " --version failed");
                }
                return;
            } catch (IOException error) {
                // A process that another thread has just begun still has the file open for writing: it closes it in a moment.
                if (left == 0 || !String.valueOf(error.getMessage()).contains("Text file busy")) {
                    throw error;
                }
                Thread.onSpinWait();
            } catch (InterruptedException error) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", error);
            }
        }
    }
}
