package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.fauxka.Fauxka;
import io.github.fauxka.junit5.FauxkaCluster;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tests that run at the same time have a cluster each. */
@FauxkaCluster(topics = "orders")
@Execution(ExecutionMode.CONCURRENT)
class ParallelTest {
    private static final Set<String> BOOTSTRAPS = ConcurrentHashMap.newKeySet();
    // The two first tests wait for each other: they would wait in vain if one began after the other.
    private static final CountDownLatch TWO = new CountDownLatch(2);

    @RepeatedTest(20)
    void everyTestHasItsOwn(Fauxka cluster) throws InterruptedException {
        TWO.countDown();
        assertTrue(TWO.await(30, TimeUnit.SECONDS), "no two tests run at the same time");
        assertTrue(BOOTSTRAPS.add(cluster.bootstrapServers() + " " + cluster.pid()), "a cluster was used twice");
        cluster.topics().produce("orders", cluster.bootstrapServers());
        assertEquals(1, cluster.records("orders").size());
    }
}
