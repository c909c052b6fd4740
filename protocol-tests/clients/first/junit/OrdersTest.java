import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Fauxka.class)
class OrdersTest {
    static void place(String order) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", Fauxka.bootstrap());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", order)).get();
        }
    }

    static void assertFirstRecordIs(String order) throws Exception {
        var records = Fauxka.control("/v1/topics/orders/0/records?max=1", null);
        assertTrue(records.contains("\"value\":\"" + order + "\""), records);
    }

    @Test
    void oneOrder() throws Exception {
        place("order-1");
        assertFirstRecordIs("order-1");
    }

    @Test
    void anotherOrder() throws Exception {
        place("order-2");
        assertFirstRecordIs("order-2");
    }
}
