import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Lag computed across control records and open transactions.
 *
 * <p>In production: a job "reads everything there is" into a report, up to the end that the admin client tells. A {@code read_committed}
 * consumer never gets there while a transaction is open: the job hangs, and the lag that the dashboard shows never reaches 0.
 * <p>Control: a transaction that a producer leaves open.
 * <p>Promise: the job ends, with the committed records.
 */
final class LagBehindOpenTransaction {
    private static final TopicPartition BILLS = new TopicPartition("bills", 0);
    private static final int IDLE_POLLS = 10;

    /** Where the log ends, for the consumer that is given. */
    interface End {
        long find(String bootstrap, KafkaConsumer<String, String> consumer) throws Exception;
    }

    static long buggy(String bootstrap, KafkaConsumer<String, String> consumer) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            return admin.listOffsets(Map.of(BILLS, OffsetSpec.latest())).partitionResult(BILLS).get().offset();
        }
    }

    static long fixed(String bootstrap, KafkaConsumer<String, String> consumer) {
        return consumer.endOffsets(List.of(BILLS)).get(BILLS);
    }

    /** The values up to the end, or null if it gave up. */
    static List<String> read(String bootstrap, End end) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed",
            "auto.offset.reset", "earliest", "fetch.max.wait.ms", 10);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(BILLS));
            long last = end.find(bootstrap, consumer);
            List<String> values = new ArrayList<>();
            for (int idle = 0; idle < IDLE_POLLS;) {
                var records = consumer.poll(Duration.ofMillis(100));
                records.forEach(record -> values.add(record.value()));
                if (consumer.position(BILLS) >= last) {
                    return values;
                }
                // All records that it can have are in one answer.
                idle += !values.isEmpty() && records.isEmpty() ? 1 : 0;
            }
            return null;
        }
    }

    static void scenario(Cluster cluster, End application) throws Exception {
        Scenario.write(cluster, "bills", List.of("1", "2"));
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap, "transactional.id", "billing-1");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("bills", 0, null, "not yet")).get();
            List<String> found = Scenario.start(() -> read(cluster.bootstrap, application)).done();
            Scenario.promise(found != null, "the job never reaches the end");
            Scenario.promise(found.equals(List.of("1", "2")), "the job found " + found);
            producer.abortTransaction();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<End>prove(LagBehindOpenTransaction::scenario, LagBehindOpenTransaction::buggy, LagBehindOpenTransaction::fixed, "--topic", "bills");
    }
}
