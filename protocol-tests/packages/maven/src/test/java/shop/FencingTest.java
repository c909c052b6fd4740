package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Fate;
import io.github.fauxka.junit5.FauxkaCluster;
import java.util.HashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** A producer that everybody thought was dead wakes up. Its successor has fenced it: nothing of its transaction is committed. */
@FauxkaCluster(topics = "orders")
class FencingTest {
    @Test
    void aZombieIsFenced(Fauxka cluster) {
        try (var zombie = producer(cluster); var successor = producer(cluster)) {
            zombie.initTransactions();
            zombie.beginTransaction();
            zombie.send(new ProducerRecord<>("orders", "of the zombie"));
            zombie.flush();

            successor.initTransactions();
            successor.beginTransaction();
            successor.send(new ProducerRecord<>("orders", "of the successor"));
            successor.commitTransaction();

            var error = assertThrows(RuntimeException.class, zombie::commitTransaction);
            assertEquals(true, error instanceof ProducerFencedException || error instanceof InvalidProducerEpochException, error.toString());
        }

        var committed = cluster.records("orders").stream().filter(record -> record.transaction() == Fate.COMMITTED && record.value() != null);
        assertEquals("[of the successor]", committed.map(record -> record.value().text()).toList().toString());
    }

    private static KafkaProducer<String, String> producer(Fauxka cluster) {
        var settings = new HashMap<>(cluster.settings());
        settings.put("transactional.id", "billing");
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }
}
