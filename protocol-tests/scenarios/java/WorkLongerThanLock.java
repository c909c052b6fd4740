import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Work that takes longer than the lock.
 *
 * <p>In production: a worker of a share group takes longer for an order than {@code share.record.lock.duration.ms}. Its heartbeats go on,
 * so nobody takes it for dead, but the lock expires, and another worker is given the order and ships it as well.
 * <p>Control: {@code --clock manual}, {@code POST /v1/clock/advance} during the work.
 * <p>Promise: each order is shipped once.
 */
final class WorkLongerThanLock {
    private static final int PARTS = 4;

    /** What an application does when a part of the work is done: the records that it goes on with. */
    interface Pause {
        ConsumerRecords<String, String> between(KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> records);
    }

    static ConsumerRecords<String, String> buggy(KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
        return records;
    }

    /** Renews the lock (KIP-1222); the client hands out again what it has renewed. */
    static ConsumerRecords<String, String> fixed(KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> records) {
        records.forEach(record -> consumer.acknowledge(record, AcknowledgeType.RENEW));
        consumer.commitSync();
        return consumer.poll(Cluster.PATIENCE);
    }

    static Void consume(Cluster cluster, String name, Runnable work, Pause pause, Collection<String> shipped) {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap, "client.id", name, "group.id", "shipping",
            "share.acknowledgement.mode", "explicit");
        try (var consumer = new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            while (cluster.isRunning()) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                for (int part = 0; part < PARTS && !records.isEmpty(); part++) {
                    work.run();
                    records = pause.between(consumer, records);
                }
                for (ConsumerRecord<String, String> record : records) {
                    shipped.add(record.value());
                    consumer.acknowledge(record);
                }
                consumer.commitSync();
            }
        }
        return null;
    }

    static void scenario(Cluster cluster, Pause application) throws Exception {
        List<String> shipped = new CopyOnWriteArrayList<>();
        List<String> parts = new CopyOnWriteArrayList<>();
        List<String> expired = new CopyOnWriteArrayList<>();
        // Each part of the first worker's work takes 10 seconds; whoever gets the order after it is fast.
        Runnable work = () -> {
            if (parts.size() < PARTS) {
                parts.add("part");
                cluster.advance("10s").stream().filter(what -> what.contains("lock")).forEach(expired::add);
            }
        };
        readFromStart(cluster);
        Scenario.write(cluster, "orders", List.of("1"));
        for (String name : List.of("worker-1", "worker-2")) {
            Scenario.start(() -> consume(cluster, name, work, application, shipped));
        }
        Scenario.until(() -> shipped.contains("1"), "the order shipped");
        Scenario.until(() -> expired.isEmpty() || shipped.size() == 2, "the order shipped by whoever had it next");
        Scenario.onceEach(List.of("1"), shipped, "orders shipped");
    }

    private static void readFromStart(Cluster cluster) throws Exception {
        var group = new ConfigResource(ConfigResource.Type.GROUP, "shipping");
        var earliest = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap))) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(earliest))).all().get();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Pause>prove(WorkLongerThanLock::scenario, WorkLongerThanLock::buggy, WorkLongerThanLock::fixed, "--topic", "orders",
            "--clock", "manual", "--config", "group.share.min.heartbeat.interval.ms=500", "--config",
            "group.share.heartbeat.interval.ms=500", "--config", "group.share.assignment.interval.ms=0");
    }
}
