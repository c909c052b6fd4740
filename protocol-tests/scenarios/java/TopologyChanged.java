import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Topology changed by a rolling deployment.
 *
 * <p>In production: the new version drops empty lines before it counts. Nobody gave names to what the topology keeps and repartitions,
 * so Kafka Streams made them up from the place of each step, and they are other ones now. A streams group (KIP-1071) refuses members of
 * another topology: the new pods end one by one, the old ones are stopped in turn, and in the end nobody counts.
 * <p>Control: two members are replaced one by one; the journal.
 * <p>Promise: the new version goes on counting where the old one was.
 */
final class TopologyChanged {
    /** How a version of the application names its topics and its store. */
    interface Naming {
        Topology topology(boolean isNew);
    }

    private static Topology counting(boolean isNew, Grouped<String, String> words,
            Materialized<String, Long, KeyValueStore<Bytes, byte[]>> counts) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> lines = builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()));
        (isNew ? lines.filter((key, line) -> !line.isEmpty()) : lines)
            .groupBy((key, line) -> line, words.withKeySerde(Serdes.String()).withValueSerde(Serdes.String()))
            .count(counts.withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
            .toStream().mapValues((line, count) -> line + " " + count)
            .to("counts", Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    static Topology buggy(boolean isNew) {
        return counting(isNew, Grouped.keySerde(Serdes.String()), Materialized.as(Materialized.StoreType.IN_MEMORY));
    }

    static Topology fixed(boolean isNew) {
        return counting(isNew, Grouped.as("words"), Materialized.as(Stores.inMemoryKeyValueStore("counts")));
    }

    static void scenario(Cluster cluster, Naming application) throws Exception {
        List<Streams> pods = new ArrayList<>();
        try (Admin admin = Streams.admin(cluster)) {
            for (String name : List.of("old-1", "old-2", "new-1", "new-2")) {
                pods.add(new Streams(cluster, "counter", name, application.topology(name.startsWith("new")), Map.of()));
            }
            List<Streams> old = pods.subList(0, 2), deployed = pods.subList(2, 4);
            old.forEach(pod -> pod.streams.start());
            Scenario.write(cluster, "lines", List.of("a", "a"));
            Scenario.until(() -> cluster.values("counts").contains("a 2") && Streams.isAtRest(admin, "counter", 2),
                "the old version at work");

            for (int i = 0; i < 2; i++) {
                Streams pod = deployed.get(i);
                pod.streams.start();
                Scenario.until(() -> !pod.isAlive() || pod.streams.state() == KafkaStreams.State.RUNNING, "a new pod that runs or ends");
                old.get(i).close();
            }
            Scenario.write(cluster, "lines", List.of("a"));
            Scenario.until(() -> cluster.values("counts").contains("a 3") || deployed.stream().noneMatch(Streams::isAlive),
                "a count, or the end of the new version");
            int refused = cluster.journal("api=StreamsGroupHeartbeat&error=INVALID_REQUEST").size();
            Scenario.promise(cluster.values("counts").equals(List.of("a 1", "a 2", "a 3")),
                "counting ended at " + cluster.values("counts") + ": the group refused " + refused + " new pods");
        } finally {
            for (Streams pod : pods) {
                pod.close();
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Naming>prove(TopologyChanged::scenario, TopologyChanged::buggy, TopologyChanged::fixed,
            Streams.options("lines", "counts"));
    }
}
