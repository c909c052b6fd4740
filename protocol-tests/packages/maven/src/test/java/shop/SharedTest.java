package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.fauxka.Fauxka;
import io.github.fauxka.junit5.FauxkaCluster;
import io.github.fauxka.junit5.Scope;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@FauxkaCluster(topics = "orders", scope = Scope.CLASS)
@Execution(ExecutionMode.SAME_THREAD)
class SharedTest {
    @RepeatedTest(3)
    void beginsWithoutRecords(Fauxka cluster) {
        assertEquals(0, cluster.records("orders").size());
        cluster.topics().produce("orders", "order-1");
    }

    @Test
    void hasAnotherBesides(Fauxka cluster, @FauxkaCluster(topics = "copies") Fauxka other) {
        cluster.topics().produce("orders", "order-1");
        other.topics().produce("copies", "order-1");
        assertEquals(cluster.records("orders").get(0).value(), other.records("copies").get(0).value());
    }
}
