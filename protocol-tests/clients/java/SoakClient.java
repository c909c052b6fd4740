import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own clients in the soak, under its contract in ../README.md. */
public final class SoakClient {
    // Unbuffered: each line is one write.
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final int ABORTS_EVERY = 7;

    private final Map<String, String> options = new HashMap<>();
    private boolean pausing;
    private boolean stopping;

    public static void main(String[] args) throws Exception {
        SoakClient client = new SoakClient();
        for (int i = 1; i < args.length; i += 2) {
            client.options.put(args[i], args[i + 1]);
        }
        Thread listener = new Thread(client::listen);
        listener.setDaemon(true);
        listener.start();
        switch (args[0]) {
            case "load" -> client.load();
            case "copy" -> client.copy();
            default -> throw new IllegalArgumentException("unknown sub-command " + args[0]);
        }
        System.exit(0);
    }

    private static synchronized void say(String text) {
        try {
            OUT.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Takes the runner's words from standard input; its end stops the program. */
    private void listen() {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                told(line.equals("PAUSE"), line.equals("STOP"));
            }
        } catch (IOException broken) {
            // As at the end.
        }
        told(false, true);
    }

    private synchronized void told(boolean pause, boolean stop) {
        pausing = pause;
        stopping = stopping || stop;
        notifyAll();
    }

    private synchronized boolean isPausing() {
        return pausing;
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized void pause() throws InterruptedException {
        say("PAUSED");
        while (pausing && !stopping) {
            wait();
        }
    }

    private void load() throws InterruptedException {
        Properties properties = bootstrap();
        properties.put("enable.idempotence", options.get("--idempotent"));
        String name = options.get("--name");
        int keys = Integer.parseInt(options.get("--keys"));
        String padding = ".".repeat(Integer.parseInt(options.get("--padding")));
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (long sent = 0; !isStopping(); sent++) {
                if (isPausing()) {
                    producer.flush();
                    pause();
                }
                send(producer, name + "/" + sent % keys, Long.toString(sent / keys), padding);
                Thread.sleep(Long.parseLong(options.get("--pause-ms")));
            }
        }
        say("DONE");
    }

    private void send(KafkaProducer<String, String> producer, String key, String number, String padding) {
        producer.send(new ProducerRecord<>(options.get("--topic"), key, key + "/" + number + "/" + padding), (stored, failure) -> say(
            failure == null ? "ACK " + key + "/" + number + " " + stored.partition() + " " + stored.offset()
                : "FAILED " + key + "/" + number + " " + failure));
    }

    /** Consumes, transforms and produces; what goes wrong has it begin again from what is committed. */
    private void copy() throws InterruptedException {
        while (!isStopping()) {
            KafkaProducer<String, String> producer = producer();
            try (var consumer = consumer()) {
                producer.initTransactions();
                consumer.subscribe(List.of(options.get("--input")));
                for (int transactions = 1; !isStopping(); transactions++) {
                    ConsumerRecords<String, String> records = polled(consumer);
                    if (!records.isEmpty()) {
                        transact(producer, consumer, records, transactions % ABORTS_EVERY == 0);
                        Thread.sleep(Long.parseLong(options.get("--pause-ms")));
                    }
                }
            } catch (KafkaException | IllegalStateException failure) {
                say("AGAIN " + failure);
            } finally {
                producer.close(CLOSE);
            }
        }
        say("DONE");
    }

    private ConsumerRecords<String, String> polled(KafkaConsumer<String, String> consumer) throws InterruptedException {
        ConsumerRecords<String, String> records = ConsumerRecords.empty();
        while (records.isEmpty() && !isStopping()) {
            if (isPausing()) {
                pause();
            }
            records = consumer.poll(POLL);
        }
        return isStopping() ? ConsumerRecords.empty() : records;
    }

    private void transact(KafkaProducer<String, String> producer, KafkaConsumer<String, String> consumer,
            ConsumerRecords<String, String> records, boolean aborts) {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        for (ConsumerRecord<String, String> record : records) {
            String value = (aborts ? "aborted/" : "") + record.partition() + "/" + record.offset();
            producer.send(new ProducerRecord<>(options.get("--output"), record.partition(), null, value));
            next.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
        if (aborts) {
            producer.abortTransaction();
            Set<TopicPartition> taken = next.keySet();
            taken.forEach(partition -> consumer.seek(partition, records.records(partition).get(0).offset()));
        } else {
            producer.commitTransaction();
        }
        say((aborts ? "ABORTED " : "COMMITTED ") + records.count());
    }

    private KafkaProducer<String, String> producer() {
        Properties properties = bootstrap();
        properties.put("transactional.id", options.get("--transactional-id"));
        properties.put("transaction.timeout.ms", options.get("--transaction-ms"));
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer() {
        Properties properties = bootstrap();
        properties.put("group.id", options.get("--group"));
        properties.put("group.protocol", options.get("--mode").equals("consumer") ? "consumer" : "classic");
        if (!options.get("--mode").equals("consumer")) {
            properties.put("session.timeout.ms", options.get("--session-ms"));
        }
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private Properties bootstrap() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        properties.put("client.id", options.get("--name"));
        return properties;
    }
}
