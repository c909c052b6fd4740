import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own producer and consumer in transactions, under the contract of ../README.md. */
public final class TransactionalClient {
    private static final int BLOCK = 10;
    private static final int INPUT_RECORDS = 3 * BLOCK;
    private static final String LAST = "last";
    private static final List<String> ATTEMPTS = List.of("produce", "offsets", "commit");

    private enum End { COMMIT, ABORT, OPEN }

    /** The block of the input that it copies, -1 for records of its own, and how it ends. */
    private record Transaction(int block, End end) {}

    private static final List<Transaction> TRANSACTIONS = List.of(
        new Transaction(-1, End.COMMIT), new Transaction(-1, End.ABORT), new Transaction(0, End.COMMIT),
        new Transaction(1, End.ABORT), new Transaction(1, End.COMMIT), new Transaction(2, End.ABORT),
        new Transaction(2, End.OPEN));

    private final Map<String, String> options = new HashMap<>();
    private KafkaConsumer<String, String> consumer;

    public static void main(String[] args) throws Exception {
        TransactionalClient client = new TransactionalClient();
        for (int i = 1; i < args.length; i += 2) {
            client.options.put(args[i], args[i + 1]);
        }
        switch (args[0]) {
            case "transactions" -> client.transact();
            case "successor" -> client.succeed();
            case "read" -> client.read();
            default -> throw new IllegalArgumentException("unknown sub-command " + args[0]);
        }
        System.exit(0);
    }

    private void transact() throws InterruptedException {
        List<String> consumed = consumeInGroup(INPUT_RECORDS);
        KafkaProducer<String, String> producer = initialised(options.get("--transactional-id"));
        for (int number = 1; number <= TRANSACTIONS.size(); number++) {
            Transaction one = TRANSACTIONS.get(number - 1);
            int end = (one.block + 1) * BLOCK;
            begin(producer, number, one.block < 0 ? own() : consumed.subList(end - BLOCK, end));
            if (one.block >= 0) {
                sendOffset(producer, end);
            }
            switch (one.end) {
                case COMMIT -> producer.commitTransaction();
                case ABORT -> producer.abortTransaction();
                default -> {
                    System.out.println("OPEN");
                    Thread.currentThread().join();
                }
            }
        }
    }

    private void succeed() {
        KafkaProducer<String, String> producer = initialised(options.get("--transactional-id"));
        List<String> consumed = consumeInGroup(BLOCK);
        int number = TRANSACTIONS.size() + 1;
        begin(producer, number, consumed);
        sendOffset(producer, INPUT_RECORDS);
        producer.commitTransaction();
        for (String attempt : ATTEMPTS) {
            String id = options.get("--transactional-id") + "-" + attempt;
            KafkaProducer<String, String> zombie = initialised(id);
            begin(zombie, ++number, own());
            KafkaProducer<String, String> heir = initialised(id);
            begin(heir, ++number, own());
            heir.commitTransaction();
            System.out.println(tried(attempt, zombie));
        }
        consumer.close();
    }

    /** What there is to say about the attempt of a zombie. */
    private String tried(String attempt, KafkaProducer<String, String> zombie) {
        try {
            switch (attempt) {
                case "produce" -> zombie.send(new ProducerRecord<>(options.get("--output"), "zombie")).get();
                case "offsets" -> sendOffset(zombie, 0);
                default -> zombie.commitTransaction();
            }
            return "ALLOWED " + attempt;
        } catch (KafkaException refused) {
            return "REFUSED " + attempt + " " + refused.getClass().getSimpleName();
        } catch (ExecutionException | InterruptedException refused) {
            return "REFUSED " + attempt + " " + refused.getCause().getClass().getSimpleName();
        }
    }

    private KafkaProducer<String, String> initialised(String transactionalId) {
        Properties properties = bootstrap();
        properties.put("transactional.id", transactionalId);
        KafkaProducer<String, String> producer =
            new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private void begin(KafkaProducer<String, String> producer, int number, List<String> values) {
        producer.beginTransaction();
        values.forEach(value -> producer.send(new ProducerRecord<>(options.get("--output"), number + ":" + value)));
        producer.flush();
    }

    private void sendOffset(KafkaProducer<String, String> producer, long offset) {
        TopicPartition partition = new TopicPartition(options.get("--input"), 0);
        producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(offset)), consumer.groupMetadata());
    }

    private static List<String> own() {
        return IntStream.range(0, BLOCK).mapToObj(at -> "own-" + at).toList();
    }

    private List<String> consumeInGroup(int count) {
        Properties properties = bootstrap();
        properties.put("group.id", options.get("--group"));
        if (options.containsKey("--group-protocol")) {
            // With KIP-848 the broker alone says how long a session lasts.
            properties.put("group.protocol", options.get("--group-protocol"));
        } else {
            properties.put("session.timeout.ms", options.get("--session-ms"));
        }
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("isolation.level", "read_committed");
        consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
        consumer.subscribe(List.of(options.get("--input")));
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    private void read() {
        Properties properties = bootstrap();
        properties.put("isolation.level", options.get("--isolation"));
        consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
        List<TopicPartition> partitions = List.of(new TopicPartition(options.get("--topic"), 0));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        List<String> values = new ArrayList<>();
        while (!values.contains(LAST)) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
        }
        values.forEach(System.out::println);
    }

    private Properties bootstrap() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        return properties;
    }
}
