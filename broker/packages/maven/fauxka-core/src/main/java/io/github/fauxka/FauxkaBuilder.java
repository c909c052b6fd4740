package io.github.fauxka;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a cluster is to be; from {@link Fauxka#builder}. */
public final class FauxkaBuilder {
    private final List<String> options = new ArrayList<>();
    private Path binary;

    FauxkaBuilder() {
    }

    /** The number of nodes. One by default. */
    public FauxkaBuilder nodes(int count) {
        return option("--nodes", count);
    }

    /** A topic that exists from the start: {@code orders}, {@code orders:24}, or {@code orders:24:3} for 3 replicas. */
    public FauxkaBuilder topic(String topic) {
        return option("--topic", topic);
    }

    /** A topic with so many partitions. */
    public FauxkaBuilder topic(String name, int partitions) {
        return topic(name + ":" + partitions);
    }

    /** A topic with so many partitions, each on so many nodes. */
    public FauxkaBuilder topic(String name, int partitions, int replication) {
        return topic(name + ":" + partitions + ":" + replication);
    }

    /** Time stands still until the test moves it, with {@link Fauxka#clock}. */
    public FauxkaBuilder manualClock() {
        return option("--clock", "manual");
    }

    /** What chance is drawn from: the same seed gives the same. It is drawn by chance by default. */
    public FauxkaBuilder seed(long seed) {
        return option("--seed", Long.toUnsignedString(seed));
    }

    /** A setting of the brokers, such as {@code group.initial.rebalance.delay.ms}. */
    public FauxkaBuilder config(String name, Object value) {
        return option("--config", name + "=" + value);
    }

    /** A file in TOML that describes the cluster. What is set here is stronger. */
    public FauxkaBuilder file(Path file) {
        return option("--file", file.toAbsolutePath());
    }

    /** More arguments for the program; {@code fauxka --help} lists them. */
    public FauxkaBuilder arguments(String... arguments) {
        options.addAll(List.of(arguments));
        return this;
    }

    /** The program to run, instead of the one in the jar. */
    public FauxkaBuilder binary(Path program) {
        binary = program;
        return this;
    }

    private FauxkaBuilder option(String name, Object value) {
        options.add(name);
        options.add(value.toString());
        return this;
    }

    /** Starts the cluster. Every node accepts connections when this returns. */
    public Fauxka start() {
        Path program = binary == null ? Binary.find() : Binary.checked(binary, "binary()");
        var all = new ArrayList<String>();
        addUnlessGiven(all, "--listen");
        addUnlessGiven(all, "--control");
        all.add("--exit-with-parent");
        all.addAll(options);
        return Fauxka.started(Program.start(program, all));
    }

    /**
     * Runs a test with the cluster, verifies it and stops it: all that a test without the JUnit extension needs.
     *
     * <p>If the test fails, the cluster's report is attached to its failure as a suppressed exception.
     */
    public void run(ClusterTest test) {
        try (Fauxka cluster = start()) {
            Map<String, Fauxka> clusters = Map.of("cluster", cluster);
            try {
                test.run(cluster);
            } catch (Throwable failure) {
                Teardown.verify(clusters, failure);
                throw FauxkaBuilder.<RuntimeException>unchecked(failure);
            }
            Teardown.verify(clusters, null);
        }
    }

    /** The failure as it is: callers need not declare what a test may throw. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    private void addUnlessGiven(List<String> all, String name) {
        boolean given = options.stream().anyMatch(option -> option.equals(name) || option.startsWith(name + "=")
                || name.equals("--listen") && (option.equals("--listener") || option.startsWith("--listener=")));
        if (!given) {
            all.add(name);
            all.add("127.0.0.1:0");
        }
    }
}
