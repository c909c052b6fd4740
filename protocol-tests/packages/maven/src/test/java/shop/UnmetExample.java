package shop;

import static io.github.fauxka.Faults.on;
import static io.github.fauxka.control.Action.disconnect;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Api;
import io.github.fauxka.junit5.FauxkaCluster;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tests that fail, for what they print: Maven runs them only if they are named. */
@Execution(ExecutionMode.SAME_THREAD)
class UnmetExample {
    @Test
    @FauxkaCluster(topics = "orders", seed = 7)
    void theAnswerIsNotLost(Fauxka cluster) {
        cluster.fault(on(Api.PRODUCE).name("lost answer").topic("orders").nth(2).after(disconnect()).expect(1));
        try (var producer = new KafkaProducer<>(cluster.settings(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("orders", "order-1"));
        }
    }

    @Test
    @FauxkaCluster(topics = "orders", seed = 7)
    void failsForAnotherReason(Fauxka cluster) {
        cluster.topics().produce("orders", "order-1");
        Assertions.fail("the order is wrong");
    }

    @Test
    void hasTwoClusters(@FauxkaCluster(seed = 1) Fauxka here, @FauxkaCluster(seed = 2) Fauxka there) {
        here.fault(on(Api.FETCH).name("here").observe(true).expect(1));
        there.fault(on(Api.FETCH).name("there").observe(true).expect(0));
    }

    @Test
    @FauxkaCluster
    void hasAClusterThatEnds(Fauxka cluster) {
        ProcessHandle.of(cluster.pid()).ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
    }

    @Test
    @FauxkaCluster
    void isAborted(Fauxka cluster) {
        cluster.fault(on(Api.FETCH).observe(true).expect(1));
        Assumptions.abort("not today");
    }
}
