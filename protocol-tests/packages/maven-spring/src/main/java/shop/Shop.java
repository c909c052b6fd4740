package shop;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.kafka.annotation.KafkaListener;

@SpringBootApplication
public class Shop {
    final List<String> billed = new CopyOnWriteArrayList<>();

    public static void main(String[] arguments) {
        SpringApplication.run(Shop.class, arguments);
    }

    @KafkaListener(topics = "orders")
    void bill(String order) {
        billed.add(order);
    }
}
