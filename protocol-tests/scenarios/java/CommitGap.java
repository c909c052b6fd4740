import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Commit gap: EndTxn applied, answer lost.
 *
 * <p>In production: the coordinator commits, and the network drops the answer. {@code commitTransaction} ends with a TimeoutException; the
 * application takes the batch for not committed, and sends it again in a transaction of its own.
 * <p>Control: a rule that swallows the answer to the first EndTxn after it was done.
 * <p>Promise: the batch is in the committed output once.
 */
final class CommitGap {
    private static final List<String> BATCH = List.of("1", "2", "3");

    /** A producer with the batch in an open transaction. */
    private static KafkaProducer<String, String> send(String bootstrap) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "transactional.id", "billing-1", "max.block.ms", 2_000,
            "request.timeout.ms", 3_000, "delivery.timeout.ms", 60_000, "linger.ms", 0);
        var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        patiently(producer::initTransactions);
        producer.beginTransaction();
        for (String value : BATCH) {
            patiently(() -> producer.send(new ProducerRecord<>("bills", 0, null, value)));
        }
        producer.flush();
        return producer;
    }

    /** A call that timed out is to be made once more: so the documentation has it. */
    private static void patiently(Runnable call) {
        while (true) {
            try {
                call.run();
                return;
            } catch (TimeoutException notYet) {
                System.out.println("done or not, asking again: " + notYet.getMessage());
            }
        }
    }

    static Void buggy(String bootstrap) {
        while (true) {
            try (var producer = send(bootstrap)) {
                producer.commitTransaction();
                return null;
            } catch (TimeoutException late) {
                System.out.println("not committed, once more: " + late.getMessage());
            }
        }
    }

    static Void fixed(String bootstrap) {
        try (var producer = send(bootstrap)) {
            patiently(producer::commitTransaction);
        }
        return null;
    }

    static void scenario(Cluster cluster, Function<String, Void> application) throws Exception {
        Cluster.Fault lost = cluster.fault("""
            {"api": "EndTxn", "nth": 1, "after_apply": "swallow"}""");
        var running = Scenario.start(() -> application.apply(cluster.bootstrap));
        lost.await(1);
        running.done();
        Scenario.onceEach(BATCH, cluster.committedValues("bills"), "committed bills");
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Function<String, Void>>prove(CommitGap::scenario, CommitGap::buggy, CommitGap::fixed, "--topic", "bills");
    }
}
