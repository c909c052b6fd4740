package shop;

import static io.github.fauxka.Faults.on;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.fauxka.ExpectationError;
import io.github.fauxka.Fauxka;
import io.github.fauxka.FauxkaReport;
import io.github.fauxka.control.Api;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Clusters without the extension, as TestNG, Kotest and ScalaTest use them. */
class OtherRunnersTest {
    @Test
    void runVerifiesAtTheEnd() {
        var error = assertThrows(ExpectationError.class, () -> Fauxka.builder().seed(7).run(cluster -> {
            cluster.fault(on(Api.PRODUCE).name("none").observe(true).expect(1));
        }));
        assertTrue(error.getMessage().startsWith("fault rule 1 (none): expected to act 1 times, acted 0 times on 0 requests: "), error.getMessage());
    }

    @Test
    void runAttachesTheReport() {
        var error = assertThrows(IOException.class, () -> Fauxka.builder().seed(7).run(cluster -> {
            throw new IOException("wrong");
        }));
        assertEquals("seed 7", ((FauxkaReport) error.getSuppressed()[0]).getMessage());
    }

    @Test
    void closeStopsTheProgram() {
        long pid;
        try (Fauxka cluster = Fauxka.builder().topic("orders", 3).start()) {
            pid = cluster.pid();
            cluster.verify();
            assertTrue(ProcessHandle.of(pid).isPresent());
            assertEquals(cluster.bootstrapServers(), cluster.properties().get("bootstrap.servers"));
        }
        assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
    }
}
