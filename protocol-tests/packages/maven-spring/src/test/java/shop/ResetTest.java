package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.fauxka.Fauxka;
import io.github.fauxka.spring.AutoConfigureFauxka;
import org.junit.jupiter.api.RepeatedTest;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest(properties = "spring.kafka.listener.auto-startup=false")
@AutoConfigureFauxka(topics = "orders")
class ResetTest {
    @Autowired
    Fauxka cluster;

    @RepeatedTest(3)
    void eachTestBeginsWithoutRecords() {
        assertThat(cluster.records("orders")).isEmpty();
        cluster.topics().produce("orders", "order-1");
    }
}
