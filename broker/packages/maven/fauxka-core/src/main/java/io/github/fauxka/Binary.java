package io.github.fauxka;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The program: the one that a variable names, the one in the jar for this platform, or one on the path. */
final class Binary {
    private static Path unpacked;

    private Binary() {
    }

    static Path find() {
        String named = variable("FAUXKA_BINARY");
        if (!named.isEmpty()) {
            return checked(Path.of(named), "FAUXKA_BINARY");
        }
        var tried = new ArrayList<String>(List.of("FAUXKA_BINARY is not set"));
        Path found = packaged(tried);
        return found == null ? onPath(variable("PATH"), tried) : found;
    }

    private static String variable(String name) {
        return Objects.requireNonNullElse(System.getenv(name), "");
    }

    /** The path, if something can be run there. */
    static Path checked(Path path, String who) {
        if (!Files.isRegularFile(path)) {
            throw new FauxkaException(who + " says " + path + ", and there is no such file: name the fauxka program there");
        }
        if (!Files.isExecutable(path)) {
            throw new FauxkaException(who + " says " + path + ", which is not executable: chmod +x " + path);
        }
        return path.toAbsolutePath();
    }

    private static synchronized Path packaged(List<String> tried) {
        if (unpacked != null && Files.isExecutable(unpacked)) {
            return unpacked;
        }
        Packaged jar = Packaged.find(Platform.name());
        if (jar == null) {
            tried.add("the class path has no " + Packaged.resource(Platform.name()));
            return null;
        }
        unpacked = new Unpacker(jar).unpack();
        return unpacked;
    }

    private static Path onPath(String folders, List<String> tried) {
        String name = Platform.isWindows() ? "fauxka.exe" : "fauxka";
        for (String folder : folders.split(File.pathSeparator)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return candidate.toAbsolutePath();
            }
        }
        tried.add(folders.isEmpty() ? "PATH is empty" : "no folder of PATH has " + name + ": " + folders);
        throw new FauxkaException("there is no fauxka program for " + Platform.name() + ". Tried:\n  " + String.join("\n  ", tried)
                + "\nAdd the runtime dependency io.github.fauxka:fauxka-binary with the classifier " + Platform.name()
                + ", or build the program (cargo install --locked --path broker in a checkout of https://github.com/fauxka/fauxka)"
                + " and let FAUXKA_BINARY or PATH lead to it.");
    }
}
