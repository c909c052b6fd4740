package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.fauxka.Fauxka;
import io.github.fauxka.junit5.FauxkaCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

/** A member of a group falls silent. When its session has run out, the other one gets all partitions. */
class RebalanceTest {
    @Test
    @FauxkaCluster(topics = "orders:24", manualClock = true, config = "group.initial.rebalance.delay.ms=0")
    void theOtherWorkerTakesOver(Fauxka cluster) {
        var one = worker(cluster, "worker-1");
        var other = worker(cluster, "worker-2");
        try {
            pollUntil(() -> one.assignment().size() == 12 && other.assignment().size() == 12, one, other);

            cluster.clock().advance("46s", "worker-2");

            pollUntil(() -> one.assignment().size() == 24, one);
            assertEquals(1, cluster.groups().get("billing").members().size());
        } finally {
            one.close(CloseOptions.timeout(Duration.ofSeconds(1)));
            other.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    private static KafkaConsumer<String, String> worker(Fauxka cluster, String clientId) {
        var settings = new HashMap<>(cluster.settings());
        settings.put("group.id", "billing");
        settings.put("client.id", clientId);
        settings.put("heartbeat.interval.ms", 100);
        var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    @SafeVarargs
    private static void pollUntil(BooleanSupplier done, KafkaConsumer<String, String>... workers) {
        Instant end = Instant.now().plusSeconds(30);
        while (!done.getAsBoolean()) {
            assertTrue(Instant.now().isBefore(end), "no rebalance");
            for (var worker : workers) {
                worker.poll(Duration.ofMillis(20));
            }
        }
    }
}
