package shop;

import static io.github.fauxka.Faults.on;
import static io.github.fauxka.control.Action.disconnect;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.fauxka.Fauxka;
import io.github.fauxka.control.Api;
import io.github.fauxka.spring.AutoConfigureFauxka;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.kafka.core.KafkaTemplate;

@SpringBootTest
@AutoConfigureFauxka(topics = "orders", config = "group.initial.rebalance.delay.ms=0")
class ShopTest {
    @Autowired
    Fauxka cluster;

    @Autowired
    KafkaTemplate<String, String> orders;

    @Autowired
    Shop shop;

    @Test
    void anOrderIsBilledOnceAlthoughAnAnswerIsLost() throws Exception {
        cluster.fault(on(Api.PRODUCE).topic("orders").nth(1).after(disconnect()).expect(1));

        orders.send("orders", "order-1").get();

        cluster.journal().await(1, Duration.ofSeconds(30), row -> row.api(Api.OFFSET_COMMIT).group("billing").failed(false));
        assertThat(shop.billed).containsExactly("order-1");
    }
}
