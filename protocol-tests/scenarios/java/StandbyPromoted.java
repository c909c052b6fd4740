import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.Stores;

/**
 * Standby promoted, or none there.
 *
 * <p>In production: an application that moves to streams groups (KIP-1071) keeps {@code num.standby.replicas=1} among its own settings,
 * where nobody reads it any more: it is the group that has standby replicas now. Nobody misses them until a pod dies, and the other one
 * must first read gigabytes of changelog.
 * <p>Control: rule: disconnect a pod; clock.
 * <p>Promise: the pod that is left has the state already, and goes on at once.
 */
final class StandbyPromoted {
    /** How an application asks for a standby replica: as a setting of its own, and as one of its group. */
    record Request(Map<String, Object> own, Map<String, String> group) {
    }

    static Request buggy() {
        return new Request(Map.of("num.standby.replicas", 1), Map.of());
    }

    static Request fixed() {
        return new Request(Map.of(), Map.of("streams.num.standby.replicas", "1"));
    }

    private static Topology counting() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("words", Consumed.with(Serdes.String(), Serdes.String()))
            .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
            .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
            .toStream().mapValues((word, count) -> word + " " + count)
            .to("counts", Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    private static void write(Cluster cluster, String... words) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String word : words) {
                producer.send(new ProducerRecord<>("words", word, "")).get();
            }
        }
    }

    /** How many records of state an instance had to read before it went on. */
    private record Restored(AtomicLong records) implements StateRestoreListener {
        @Override
        public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
        }

        @Override
        public void onBatchRestored(TopicPartition changelog, String store, long end, long records) {
        }

        @Override
        public void onRestoreEnd(TopicPartition changelog, String store, long records) {
            this.records.addAndGet(records);
        }
    }

    private static void configure(Admin admin, Map<String, String> settings) throws Exception {
        for (Map.Entry<String, String> one : settings.entrySet()) {
            AlterConfigOp change = new AlterConfigOp(new ConfigEntry(one.getKey(), one.getValue()), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, "counter"), List.of(change))).all().get();
        }
    }

    /** Whether the group is at rest, and the pod has all of the state of which it has a copy. */
    private static boolean isReady(Admin admin, Streams pod) {
        if (!Streams.isAtRest(admin, "counter", 2)) {
            return false;
        }
        boolean hasCopies = Streams.group(admin, "counter").members().stream()
            .anyMatch(member -> !member.assignment().standbyTasks().isEmpty());
        var lags = pod.streams.allLocalStorePartitionLags();
        return !hasCopies || !lags.isEmpty() && lags.get("counts").values().stream().allMatch(lag -> lag.offsetLag() == 0);
    }

    static void scenario(Cluster cluster, Request application) throws Exception {
        AtomicLong restored = new AtomicLong();
        try (Admin admin = Streams.admin(cluster);
                Streams first = new Streams(cluster, "counter", "first", counting(), application.own());
                Streams second = new Streams(cluster, "counter", "second", counting(), application.own())) {
            configure(admin, application.group());
            second.streams.setGlobalStateRestoreListener(new Restored(restored));
            first.streams.start();
            write(cluster, "a", "a", "b");
            Scenario.until(() -> cluster.values("counts").size() == 3, "all counted");
            second.streams.start();
            Scenario.until(() -> isReady(admin, second), "both pods at work");

            Cluster.Fault dead = cluster.fault("""
                {"client_id": "first-*", "before_apply": "disconnect"}""");
            cluster.advance("1m", Streams.member("first"));
            write(cluster, "a", "b");
            Scenario.until(() -> cluster.values("counts").containsAll(List.of("a 3", "b 2")), "counts of the pod that is left");
            dead.release();
            Scenario.promise(restored.get() == 0, "before it went on, it had to read " + restored + " records of state");
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.prove(StandbyPromoted::scenario, buggy(), fixed(), Streams.options("words", "counts"));
    }
}
