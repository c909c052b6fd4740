package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.fauxka.Fauxka;
import io.github.fauxka.junit5.FauxkaCluster;
import io.github.fauxka.junit5.Scope;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Where the annotation may stand, and how long its clusters live. */
class ScopesTest {
    @Nested
    @FauxkaCluster(topics = "orders", scope = Scope.CLASS)
    @Execution(ExecutionMode.SAME_THREAD)
    class OfAClass {
        private static final Set<Long> PIDS = new HashSet<>();

        @BeforeAll
        static void begins(Fauxka cluster) {
            PIDS.add(cluster.pid());
        }

        @RepeatedTest(3)
        void isResetBeforeEachTest(Fauxka cluster) {
            assertEquals(0, cluster.records("orders").size());
            cluster.topics().produce("orders", "order-1");
            PIDS.add(cluster.pid());
        }

        @Nested
        class AndOfWhatIsNested {
            @Test
            void isTheSame(Fauxka cluster) {
                assertEquals(0, cluster.records("orders").size());
                PIDS.add(cluster.pid());
            }
        }

        @AfterAll
        static void wasOne() {
            assertEquals(1, PIDS.size());
        }
    }

    @Nested
    @FauxkaCluster(topics = "orders")
    class OfATest {
        private Fauxka prepared;

        @BeforeEach
        void prepare(Fauxka cluster) {
            cluster.topics().produce("orders", "order-1");
            prepared = cluster;
        }

        @Test
        void isThatOfBeforeEach(Fauxka cluster) {
            assertSame(prepared, cluster);
            assertEquals(1, cluster.records("orders").size());
        }

        @AfterEach
        void isStillThere(Fauxka cluster) {
            assertEquals(prepared.pid(), cluster.pid());
            assertEquals("orders", cluster.topics().list().get(0).name());
        }

        @Nested
        class AndOfWhatIsNested {
            @Test
            void hasTheTopic(Fauxka cluster) {
                assertSame(prepared, cluster);
                assertEquals(1, cluster.topics().get("orders").partitions().size());
            }
        }

        @Test
        @FauxkaCluster(nodes = 3, topics = {"orders:6:3", "payments"}, seed = 7)
        void aMethodOverridesTheClass(Fauxka cluster) {
            assertEquals(3, cluster.bootstrapServerList().size());
            assertEquals(6, cluster.topics().get("orders").partitions().size());
            assertEquals(7, cluster.seed());
        }
    }

    @Test
    void severalClusters(@FauxkaCluster(topics = "orders") Fauxka here, @FauxkaCluster(topics = "copies") Fauxka there) {
        assertNotEquals(here.pid(), there.pid());
        assertEquals("orders", here.topics().list().get(0).name());
        assertEquals("copies", there.topics().list().get(0).name());
    }
}
