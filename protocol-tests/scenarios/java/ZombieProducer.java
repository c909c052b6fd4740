import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Zombie producer.
 *
 * <p>In production: a pod hangs in a long garbage collection between its last record and its commit. Its replacement does the same
 * batch, and then the first one wakes up and commits. Its {@code transactional.id} was a new one at every start: nothing fences it.
 * <p>Control: a rule holds the first EndTxn; the twin starts and commits meanwhile.
 * <p>Promise: every bill is in the committed output once.
 */
final class ZombieProducer {
    private static final List<String> BATCH = List.of("1", "2", "3");

    /** Sends the batch in a transaction: whether it was this process that did it. */
    static boolean bill(String bootstrap, String transactionalId) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "transactional.id", transactionalId);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (String value : BATCH) {
                producer.send(new ProducerRecord<>("bills", 0, null, value));
            }
            producer.commitTransaction();
            return true;
        } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
            System.out.println("fenced, another one does it: " + fenced.getMessage());
            return false;
        }
    }

    static boolean buggy(String bootstrap) {
        return bill(bootstrap, "billing-" + UUID.randomUUID());
    }

    static boolean fixed(String bootstrap) {
        return bill(bootstrap, "billing-1");
    }

    static void scenario(Cluster cluster, Function<String, Boolean> application) throws Exception {
        Cluster.Fault pause = cluster.fault("""
            {"api": "EndTxn", "nth": 1, "before_apply": "hold"}""");
        var zombie = Scenario.start(() -> application.apply(cluster.bootstrap));
        pause.await(1);
        Scenario.start(() -> application.apply(cluster.bootstrap)).done();
        pause.release();
        zombie.done();
        Scenario.onceEach(BATCH, cluster.committedValues("bills"), "committed bills");
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Function<String, Boolean>>prove(ZombieProducer::scenario, ZombieProducer::buggy, ZombieProducer::fixed, "--topic", "bills");
    }
}
