package io.github.fauxka;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;

/**
 * The program in a jar.
 *
 * @param program where it is
 * @param sha256 what its bytes must add up to
 * @param version its version
 */
record Packaged(URL program, String sha256, String version) {
    static String resource(String platform) {
        return "io/github/fauxka/binary/" + platform + "/" + (platform.startsWith("windows") ? "fauxka.exe" : "fauxka");
    }

    /** The program for a platform, or null. */
    static Packaged find(String platform) {
        URL program = resourceAt(resource(platform));
        URL notes = resourceAt("io/github/fauxka/binary/" + platform + "/notes");
        if (program == null || notes == null) {
            return null;
        }
        try (InputStream text = notes.openStream()) {
            String[] words = new String(text.readAllBytes(), StandardCharsets.UTF_8).strip().split(" ");
            return new Packaged(program, words[0], words[1]);
        } catch (IOException error) {
            throw new FauxkaException("cannot read " + notes + ": " + error, error);
        }
    }

    private static URL resourceAt(String name) {
        // Test runners and containers give threads a loader of their own, which may see more.
        ClassLoader own = Thread.currentThread().getContextClassLoader();
        URL found = own == null ? null : own.getResource(name);
        return found == null ? Packaged.class.getClassLoader().getResource(name) : found;
    }
}
