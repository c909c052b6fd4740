package shop;

import static io.github.fauxka.Faults.on;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Api;
import io.github.fauxka.spring.AutoConfigureFauxka;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** Tests that fail, for what they print: Maven runs them only if they are named. */
@SpringBootTest(properties = "spring.kafka.listener.auto-startup=false")
@AutoConfigureFauxka(seed = 7)
class UnmetExample {
    @Autowired
    Fauxka cluster;

    @Test
    void nothingIsProduced() {
        cluster.fault(on(Api.PRODUCE).name("none").observe(true).expect(1));
    }

    @Test
    void failsForAnotherReason() {
        throw new IllegalStateException("wrong");
    }
}
