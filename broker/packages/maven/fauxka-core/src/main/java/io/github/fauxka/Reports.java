package io.github.fauxka;

import io.github.fauxka.control.Report;
import java.util.List;

/** A report as text. */
final class Reports {
    private Reports() {
    }

    static String text(Report report) {
        var text = new StringBuilder();
        report.unmet().forEach(rule -> text.append(rule).append('\n'));
        text.append("seed ").append(Long.toUnsignedString(report.seed())).append('\n');
        append(text, "rules:", report.rules());
        append(text, "the journal ends with:", report.journal());
        return text.toString().stripTrailing();
    }

    private static void append(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(title).append('\n');
            lines.forEach(line -> text.append("  ").append(line).append('\n'));
        }
    }
}
