import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Reset connection: an answer to Produce is lost.
 *
 * <p>In production: the leader writes a batch, and the connection breaks before the producer hears. It sends the batch again, and it
 * is there twice, because {@code acks=1} was set "for speed", which turns idempotence off without a word.
 * <p>Control: a rule that closes the connection after the first Produce was done.
 * <p>Promise: no record in flight is lost or doubled.
 */
final class LostAnswer {
    private static final List<String> BATCH = List.of("1", "2", "3");

    static Void send(String bootstrap, String acks) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "acks", acks, "retry.backoff.ms", 10);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String value : BATCH) {
                producer.send(new ProducerRecord<>("orders", 0, null, value));
            }
            producer.flush();
        }
        return null;
    }

    static Void buggy(String bootstrap) {
        return send(bootstrap, "1");
    }

    static Void fixed(String bootstrap) {
        return send(bootstrap, "all");
    }

    static void scenario(Cluster cluster, Function<String, Void> application) throws Exception {
        Cluster.Fault reset = cluster.fault("""
            {"name": "lost", "api": "Produce", "nth": 1, "after_apply": "disconnect"}""");
        Scenario.start(() -> application.apply(cluster.bootstrap)).done();
        Scenario.check(reset.hits() == 1, "the connection was not closed");
        Map<String, Object> lost = cluster.journal("rule=lost").get(0);
        Scenario.check(lost.get("applied").equals("yes"), "the batch was not written");
        Scenario.onceEach(BATCH, cluster.values("orders"), "orders in the log");
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Function<String, Void>>prove(LostAnswer::scenario, LostAnswer::buggy, LostAnswer::fixed, "--topic", "orders");
    }
}
