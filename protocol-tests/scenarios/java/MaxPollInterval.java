import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * max.poll.interval.ms exceeded, and no return.
 *
 * <p>In production: one record takes longer than {@code max.poll.interval.ms}. The client leaves the group, and the commit that follows
 * ends with a CommitFailedException; an application whose loop ends with any exception is gone, process up, and nobody has its partitions.
 * <p>Control: the journal: the work on the first record goes on until the member's LeaveGroup is there.
 * <p>Promise: the member returns, and all records are processed.
 */
final class MaxPollInterval {
    /** What an application does with a commit that was refused: whether it goes on. */
    interface Answer {
        boolean goesOn(CommitFailedException refused);
    }

    static Void consume(Cluster cluster, List<String> worked, Answer answer) {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap, "client.id", "worker", "group.id", "workers",
            "auto.offset.reset", "earliest", "enable.auto.commit", false, "max.poll.interval.ms", 1_500, "max.poll.records", 1);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            while (cluster.isRunning()) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    work(cluster, worked, record.value());
                    try {
                        consumer.commitSync();
                    } catch (CommitFailedException refused) {
                        System.out.println("not committed: " + refused.getMessage());
                        if (!answer.goesOn(refused)) {
                            return null;
                        }
                    }
                }
            }
        }
        return null;
    }

    /** The first record takes as long as it takes until the client gives its member up. */
    private static void work(Cluster cluster, List<String> worked, String value) {
        if (worked.isEmpty()) {
            cluster.await(1, "api=LeaveGroup&client_id=worker");
        }
        worked.add(value);
    }

    static void scenario(Cluster cluster, Answer application) throws Exception {
        List<String> worked = new CopyOnWriteArrayList<>();
        Scenario.write(cluster, "orders", List.of("1", "2", "3"));
        var running = Scenario.start(() -> consume(cluster, worked, application));
        Scenario.until(() -> worked.containsAll(List.of("2", "3")) || !running.isAlive(), "the records processed or the application's end");
        Scenario.promise(running.isAlive(), "the application ended after " + worked);
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Answer>prove(MaxPollInterval::scenario, refused -> false, refused -> true, "--topic", "orders", "--clock", "manual");
    }
}
