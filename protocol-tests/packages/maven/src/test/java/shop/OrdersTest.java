package shop;

import static io.github.fauxka.Faults.on;
import static io.github.fauxka.control.Action.disconnect;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Api;
import io.github.fauxka.junit5.FauxkaCluster;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The broker's answer to a producer is lost. The order must still be in the log exactly once. */
@FauxkaCluster(topics = "orders")
class OrdersTest {
    @Test
    void anOrderIsPlacedOnce(Fauxka cluster) throws Exception {
        cluster.fault(on(Api.PRODUCE).name("lost answer").topic("orders").nth(1).after(disconnect()).expect(1));

        var serializer = new StringSerializer();
        try (var producer = new KafkaProducer<>(cluster.settings(), serializer, serializer)) {
            producer.send(new ProducerRecord<>("orders", "order-1")).get();
        }

        assertEquals(1, cluster.records("orders").size());
        assertEquals("order-1", cluster.records("orders").get(0).value().text());
    }
}
