package io.github.fauxka;

import io.github.fauxka.control.Control;
import io.github.fauxka.control.FaultView;
import io.github.fauxka.control.Kind;
import io.github.fauxka.control.Report;
import io.github.fauxka.control.Rule;
import io.github.fauxka.control.Scope;
import io.github.fauxka.control.StoredRecord;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A running cluster.
 *
 * <pre>{@code
 * try (Fauxka cluster = Fauxka.builder().nodes(3).topic("orders", 24).start()) {
 *     cluster.fault(on(Api.PRODUCE).topic("orders").nth(2).after(disconnect()).expect(1));
 *     …
 *     cluster.verify();
 * }
 * }</pre>
 *
 * <p>With JUnit, the extension of fauxka-junit5 starts, verifies and stops it. All methods may be called by any thread.
 */
public final class Fauxka implements AutoCloseable {
    private final Program program;
    private final List<String> bootstrapServers;
    private final long seed;
    private final Control control;

    private Fauxka(Program program, List<String> bootstrapServers, long seed, URI control) {
        this.program = program;
        this.bootstrapServers = bootstrapServers;
        this.seed = seed;
        this.control = new Control(control, program::state);
    }

    static Fauxka started(Program program) {
        try {
            Map<String, String> ready = program.ready();
            if (!ready.containsKey("bootstrap") || !ready.containsKey("control")) {
                throw new FauxkaException("the READY line names no bootstrap servers or no control port, which tests need: leave out --no-control");
            }
            return new Fauxka(program, List.of(ready.get("bootstrap").split(",")), Long.parseUnsignedLong(ready.get("seed")),
                    URI.create(ready.get("control")));
        } catch (RuntimeException error) {
            program.stop();
            throw error;
        }
    }

    /** Starts a cluster of one node without topics. */
    public static Fauxka start() {
        return builder().start();
    }

    /** Describes a cluster. */
    public static FauxkaBuilder builder() {
        return new FauxkaBuilder();
    }

    /** What clients take as {@code bootstrap.servers}: {@code host:port,host:port}. */
    public String bootstrapServers() {
        return String.join(",", bootstrapServers);
    }

    /** The bootstrap servers one by one. */
    public List<String> bootstrapServerList() {
        return bootstrapServers;
    }

    /** Settings for Kafka's own clients, Kafka Streams and all that take such a map: {@code bootstrap.servers}, and nothing that would change how they behave. */
    public Map<String, Object> settings() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    /** The same as {@link #settings}, to which you can add your own. */
    public Properties properties() {
        var properties = new Properties();
        properties.putAll(settings());
        return properties;
    }

    /** The address of the control port. */
    public URI controlUrl() {
        return control.url();
    }

    /** The seed. A cluster with the same seed, for which the same happens, does the same. */
    public long seed() {
        return seed;
    }

    /** The id of the cluster's process. */
    public long pid() {
        return program.pid();
    }

    /** The end of the cluster's log. */
    public String log() {
        return program.log();
    }

    /** Mounts a fault rule: {@code cluster.fault(on(Api.PRODUCE).nth(2).after(disconnect()))}. */
    public FaultRule fault(Rule.Builder rule) {
        return fault(rule.build());
    }

    /** Mounts a fault rule. */
    public FaultRule fault(Rule rule) {
        return new FaultRule(control.faults(), control.faults().mountFault(rule));
    }

    /** All fault rules, in the order in which they were mounted. */
    public List<FaultView> faults() {
        return control.faults().listFaults();
    }

    /** Ends all fault rules. What they were expected to do still counts. */
    public void healFaults() {
        control.faults().healFaults();
    }

    /** The cluster's time. */
    public Clock clock() {
        return new Clock(control.clock());
    }

    /** What has happened. */
    public Journal journal() {
        return new Journal(control.journal());
    }

    /** Topics and their records. */
    public Topics topics() {
        return new Topics(control);
    }

    /** The committed and uncommitted records of all partitions of a topic, partition by partition. */
    public List<StoredRecord> records(String topic) {
        return topics().records(topic);
    }

    /** The records of a partition. */
    public List<StoredRecord> records(String topic, int partition) {
        return topics().records(topic, partition);
    }

    /** Consumer groups, and the other kinds. */
    public Groups groups() {
        return new Groups(control.groups());
    }

    /** The nodes. */
    public Nodes nodes() {
        return new Nodes(control.nodes());
    }

    /** Transactional ids. */
    public Transactions transactions() {
        return new Transactions(control.transactions());
    }

    /** What the cluster was, and can be again. */
    public Snapshots snapshots() {
        return new Snapshots(control.snapshots());
    }

    /** Numbers, as Prometheus reads them. */
    public String metrics() {
        return control.metrics().getMetrics();
    }

    /** Every operation of the control port. */
    public Control control() {
        return control;
    }

    /** Makes the cluster what it was at its start: its fault rules and journal go too, so {@link #verify} first. Connections stay. */
    public void reset() {
        control.cluster().resetCluster(Scope.builder().build());
    }

    /** Resets the cluster in part. */
    public void reset(Kind first, Kind... others) {
        var kinds = new ArrayList<>(List.of(first));
        kinds.addAll(List.of(others));
        control.cluster().resetCluster(Scope.builder().only(kinds).build());
    }

    /** What a failed test should show. */
    public Report report() {
        return control.cluster().getReport();
    }

    /** The report as text: unmet rules, the seed, all rules, and the end of the journal. */
    public String reportText() {
        return Reports.text(report());
    }

    /** Fails if a fault rule has not acted as often as it was expected to. */
    public void verify() {
        Report report = report();
        if (!report.unmet().isEmpty()) {
            throw new ExpectationError(Reports.text(report));
        }
    }

    /** Stops the cluster. It does not {@link #verify}: a failure of the test must not hide behind another. */
    @Override
    public void close() {
        program.stop();
    }

    @Override
    public String toString() {
        return "Fauxka at " + bootstrapServers() + ", control port " + controlUrl();
    }
}
