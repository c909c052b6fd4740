import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own client on a listener with TLS, under the contract of ../README.md. */
public final class SecuredClient {
    private static final List<String> VALUES = List.of("one", "two", "three");
    // A client that is refused gives up within this time.
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    // The password of the stores that `fauxka --tls` writes.
    private static final String STORE_PASSWORD = "changeit";

    private final Map<String, String> options = new HashMap<>();

    public static void main(String[] args) throws Exception {
        SecuredClient client = new SecuredClient();
        for (int i = 1; i < args.length; i += 2) {
            client.options.put(args[i], args[i + 1]);
        }
        client.produce();
        client.consume().forEach(System.out::println);
    }

    private void produce() throws Exception {
        Properties properties = properties();
        properties.put("max.block.ms", PATIENCE.toMillis());
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (String value : VALUES) {
                producer.send(new ProducerRecord<>(options.get("--topic"), value)).get();
            }
        }
    }

    private List<String> consume() {
        List<String> values = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(properties(), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(options.get("--topic"), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (values.size() < VALUES.size() && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(500)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        properties.put("security.protocol", options.get("--protocol"));
        store(properties, "ssl.truststore", options.get("--ca"));
        if (options.containsKey("--certificate")) {
            store(properties, "ssl.keystore", options.get("--certificate"));
        }
        if (options.containsKey("--mechanism")) {
            properties.put("sasl.mechanism", options.get("--mechanism"));
            properties.put("sasl.jaas.config", String.format(
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";",
                options.get("--user"), options.get("--password")));
        }
        return properties;
    }

    private void store(Properties properties, String prefix, String location) {
        properties.put(prefix + ".type", options.get("--stores"));
        properties.put(prefix + ".location", location);
        if (options.get("--stores").equals("PKCS12")) {
            properties.put(prefix + ".password", STORE_PASSWORD);
        }
    }
}
