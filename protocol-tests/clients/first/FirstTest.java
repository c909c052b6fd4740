import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The broker's answer to a producer is lost. The order must still be in the log exactly once. */
class FirstTest {
    /** Asks the control port: a POST if there is a body, else a GET. */
    static String control(String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:9700" + path)).header("Content-Type", "application/json");
        if (body != null) {
            request.POST(BodyPublishers.ofString(body));
        }
        var answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        assertTrue(answer.statusCode() < 300, answer.body());
        return answer.body();
    }

    @Test
    void anOrderIsPlacedOnce() throws Exception {
        control("/v1/reset", "{}");
        control("/v1/faults", """
            {"name": "lost answer", "api": "Produce", "topic": "orders", "nth": 1, "after_apply": "disconnect"}""");

        Map<String, Object> settings = Map.of("bootstrap.servers", "127.0.0.1:9092", "enable.idempotence", true);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", "order-1")).get();
        }

        assertTrue(control("/v1/faults", null).contains("\"hits\":1"));
        var records = control("/v1/topics/orders/0/records", null);
        assertEquals(1, records.split("\"value\":\"order-1\"", -1).length - 1, records);
    }
}
