package io.github.fauxka;

import io.github.fauxka.control.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is due at the end of a test, for those who make a fixture for a test framework. */
public final class Teardown {
    private Teardown() {
    }

    /**
     * Verifies a test's clusters: if the test has failed, their reports are attached to its failure; if not, it fails with those of the
     * clusters of which a fault rule is unmet. Reset or stop them afterwards.
     *
     * @param clusters all clusters of the test, by what to call them if there are several
     * @param failure why the test has failed; null if it has passed
     */
    public static void verify(Map<String, Fauxka> clusters, Throwable failure) {
        var texts = new ArrayList<String>();
        clusters.forEach((name, cluster) -> {
            String text = text(cluster, failure);
            if (!text.isEmpty()) {
                texts.add(clusters.size() == 1 ? text : name + " (" + cluster.bootstrapServers() + "):\n" + text);
            }
        });
        finish(texts, failure);
    }

    private static void finish(List<String> texts, Throwable failure) {
        String text = String.join("\n", texts);
        if (failure == null && !text.isEmpty()) {
            throw new ExpectationError(text);
        } else if (failure != null && !text.isEmpty()) {
            FauxkaReport.attach(failure, text);
        }
    }

    private static String text(Fauxka cluster, Throwable failure) {
        try {
            Report report = cluster.report();
            return failure == null && report.unmet().isEmpty() ? "" : Reports.text(report);
        } catch (FauxkaException error) {
            // A cluster that has gone is the test's failure, or explains it.
            return "no report: " + error.getMessage();
        }
    }
}
