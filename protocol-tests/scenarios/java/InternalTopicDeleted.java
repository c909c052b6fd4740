import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.Stores;

/**
 * Internal topic deleted.
 *
 * <p>In production: somebody tidies up, and deletes a topic that nobody seems to write to: the changelog of a store. The coordinator of
 * a streams group (KIP-1071) makes missing internal topics again and has the group rebalance, upon which the state is restored from the
 * new topic, which is empty. Nothing fails, and all counts begin again at one.
 * <p>Control: an administrator's DeleteTopics; the group's epoch.
 * <p>Promise: no count is wrong. An application that has lost its state stops.
 */
final class InternalTopicDeleted {
    /** Whether the application goes on with a changelog that has this id now and had that one when it was deployed. */
    interface Caution {
        boolean accepts(Uuid deployed, Uuid now);
    }

    static boolean buggy(Uuid deployed, Uuid now) {
        return true;
    }

    static boolean fixed(Uuid deployed, Uuid now) {
        return deployed.equals(now);
    }

    private static Topology counting(Changelogs changelogs) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()))
            .selectKey((key, line) -> "lines")
            .repartition(Repartitioned.<String, String>as("lines").withKeySerde(Serdes.String()).withValueSerde(Serdes.String()))
            .peek((key, line) -> changelogs.check())
            .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
            .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
            .toStream().mapValues(String::valueOf)
            .to("counts", Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    /** What the application knows of the topics that it restores its state from. */
    private static final class Changelogs implements StateRestoreListener {
        private final Admin admin;
        private final Caution caution;
        private final Map<String, Uuid> deployed = new ConcurrentHashMap<>();
        private volatile boolean accepted = true;

        private Changelogs(Admin admin, Caution caution) {
            this.admin = admin;
            this.caution = caution;
        }

        /** Asked before each record is counted. */
        void check() {
            if (!accepted) {
                throw new IllegalStateException("somebody has deleted a changelog");
            }
        }

        @Override
        public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
            Uuid now = id(admin, changelog.topic());
            accepted &= caution.accepts(deployed.computeIfAbsent(changelog.topic(), topic -> now), now);
        }

        @Override
        public void onBatchRestored(TopicPartition changelog, String store, long end, long records) {
        }

        @Override
        public void onRestoreEnd(TopicPartition changelog, String store, long records) {
        }
    }

    private static Uuid id(Admin admin, String topic) {
        try {
            return admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get().topicId();
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    static void scenario(Cluster cluster, Caution application) throws Exception {
        Admin admin = Streams.admin(cluster);
        Changelogs changelogs = new Changelogs(admin, application);
        try (admin; Streams pod = new Streams(cluster, "counter", "pod", counting(changelogs), Map.of())) {
            pod.streams.setGlobalStateRestoreListener(changelogs);
            pod.streams.start();
            Scenario.write(cluster, "lines", List.of("1", "2"));
            Scenario.until(() -> cluster.values("counts").equals(List.of("1", "2")), "both lines counted");

            int epoch = Streams.group(admin, "counter").groupEpoch();
            admin.deleteTopics(List.of("counter-counts-changelog")).all().get();
            Scenario.until(() -> Streams.group(admin, "counter").groupEpoch() > epoch && Streams.isAtRest(admin, "counter", 1),
                "a group that has got over it");
            Scenario.write(cluster, "lines", List.of("3"));
            Scenario.until(() -> !pod.isAlive() || cluster.values("counts").size() > 2, "another count, or the application's end");
            List<String> counts = cluster.values("counts");
            Scenario.promise(counts.equals(List.of("1", "2")), "after 1 and 2 it counted " + counts.subList(2, counts.size()));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Caution>prove(InternalTopicDeleted::scenario, InternalTopicDeleted::buggy, InternalTopicDeleted::fixed,
            Streams.options("lines", "counts"));
    }
}
