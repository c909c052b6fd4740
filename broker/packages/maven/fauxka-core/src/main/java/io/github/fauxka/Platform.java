package io.github.fauxka;

import java.util.Locale;

/** What this virtual machine runs on, in the words of os-maven-plugin: {@code linux-x86_64}, {@code osx-aarch_64}, … */
final class Platform {
    private Platform() {
    }

    static String name() {
        return system() + "-" + processor();
    }

    static boolean isWindows() {
        return system().equals("windows");
    }

    private static String system() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (name.startsWith("mac") || name.startsWith("darwin")) {
            return "osx";
        }
        return name.startsWith("windows") ? "windows" : name.replace(' ', '_');
    }

    private static String processor() {
        String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return switch (name) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch_64";
            default -> name;
        };
    }
}
