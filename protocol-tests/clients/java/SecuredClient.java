import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
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
        if (client.options.containsKey("--delegates")) {
            client.delegate();
        }
        if (args[0].equals("denied")) {
            System.out.println(client.denied(client::produceOne));
            System.out.println(client.denied(client::consumeInGroup));
            return;
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

    /** Asks for a delegation token, by which it logs in from now on (KIP-48). */
    private void delegate() throws Exception {
        Properties properties = properties();
        properties.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
        properties.put("request.timeout.ms", (int) PATIENCE.toMillis());
        try (Admin admin = Admin.create(properties)) {
            DelegationToken token = admin.createDelegationToken().delegationToken().get();
            options.put("--user", token.tokenInfo().tokenId());
            options.put("--password", token.hmacAsBase64String());
            options.put("--login", "tokenauth=true");
        }
    }

    /** The name of the error by which something is denied. */
    private String denied(Callable<Void> wanted) throws Exception {
        try {
            wanted.call();
        } catch (ExecutionException error) {
            return error.getCause().getClass().getSimpleName();
        } catch (KafkaException error) {
            return error.getClass().getSimpleName();
        }
        return "allowed";
    }

    private Void produceOne() throws Exception {
        Properties properties = properties();
        // Otherwise it is denied a producer id first.
        properties.put("enable.idempotence", false);
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(options.get("--topic"), "denied")).get();
        }
        return null;
    }

    private Void consumeInGroup() {
        Properties properties = properties();
        properties.put("group.id", "shipping");
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(options.get("--topic")));
            consumer.poll(PATIENCE);
        }
        return null;
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
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\" %s;",
                options.get("--user"), options.get("--password"), options.getOrDefault("--login", "")));
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
