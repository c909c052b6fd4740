package shop;

import static io.github.fauxka.Faults.on;
import static io.github.fauxka.Faults.onAnyRequest;
import static io.github.fauxka.control.Action.delay;
import static io.github.fauxka.control.Action.error;
import static io.github.fauxka.control.Action.pass;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Api;
import io.github.fauxka.control.ByteAction;
import io.github.fauxka.control.ErrorCode;
import io.github.fauxka.control.Expected;
import io.github.fauxka.control.RequestRow;
import io.github.fauxka.junit5.FauxkaCluster;
import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

@FauxkaCluster(nodes = 3, topics = "orders:6:3")
class ExamplesTest {
    @Test
    void faults(Fauxka cluster) {
        // One action for each hit: an error, nothing, a slow answer.
        var rule = cluster.fault(on(Api.PRODUCE).name("flaky").topic("orders")
                .before(error(ErrorCode.NOT_LEADER_OR_FOLLOWER), pass(), delay(Duration.ofMillis(50)))
                .expect(Expected.atLeast(2)));
        // The connections to node 2 are slow.
        cluster.fault(onAnyRequest().node(2).bytes(ByteAction.latency(Duration.ofMillis(5))));

        place(cluster, "order-1");
        place(cluster, "order-2");

        rule.await(2, Duration.ofSeconds(10));
        assertEquals("flaky", rule.view().rule().name());
        cluster.healFaults();
    }

    @Test
    void journal(Fauxka cluster) {
        place(cluster, "order-1");

        var row = (RequestRow) cluster.journal().expect(Api.PRODUCE, 1).get(0);
        assertEquals("orders", row.topics().get(0).topic());
        cluster.journal().expect(1, condition -> condition.kind("topic_created").topic("orders").timeout("5s"));
    }

    @Test
    void recordsAndNodes(Fauxka cluster) {
        cluster.snapshots().take("empty");
        cluster.topics().produce("orders", "order-1", "order-2");
        cluster.nodes().stop(1);
        assertEquals(2, cluster.records("orders").size());
        cluster.nodes().start(1);
        cluster.snapshots().restore("empty");
        assertEquals(0, cluster.records("orders").size());
    }

    private static void place(Fauxka cluster, String order) {
        try (var producer = new KafkaProducer<>(cluster.settings(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", order));
        }
    }
}
