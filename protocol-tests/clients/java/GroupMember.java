import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Kafka's own consumer as a member of a group, under the contract of ../README.md. */
public final class GroupMember {
    // Unbuffered: each line is one write, because the members share the pipe.
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final Map<String, Map<String, String>> MODES = Map.of(
        "eager", Map.of(),
        "static", Map.of(),
        "cooperative-sticky",
            Map.of("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"),
        "consumer", Map.of("group.protocol", "consumer"));

    private final Map<String, String> options = new HashMap<>();
    private volatile boolean leaving;

    public static void main(String[] args) throws Exception {
        if (!args[0].equals("group")) {
            throw new IllegalArgumentException("unknown sub-command " + args[0]);
        }
        GroupMember member = new GroupMember();
        for (int i = 1; i < args.length; i += 2) {
            member.options.put(args[i], args[i + 1]);
        }
        member.belong();
    }

    private void belong() {
        KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(properties(), new StringDeserializer(), new StringDeserializer());
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            leaving = true;
            consumer.wakeup();
            try {
                main.join();
            } catch (InterruptedException never) {
                Runtime.getRuntime().halt(1);
            }
            // After a signal the status would not be 0.
            Runtime.getRuntime().halt(0);
        }));
        try (consumer) {
            consumer.subscribe(List.of(options.get("--topic")), new Listener());
            while (!leaving) {
                consumer.poll(Duration.ofMillis(100)).forEach(record ->
                    say("GOT " + record.partition() + " " + record.offset() + " " + record.value()));
            }
        } catch (WakeupException leave) {
            // SIGTERM came during a poll.
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        properties.put("client.id", options.get("--member"));
        properties.put("group.id", options.get("--group"));
        properties.put("auto.offset.reset", "earliest");
        properties.putAll(MODES.get(options.get("--mode")));
        if (!options.get("--mode").equals("consumer")) {
            // With KIP-848 the broker alone says how long a session lasts.
            properties.put("session.timeout.ms", options.get("--session-ms"));
        }
        if (options.containsKey("--instance")) {
            properties.put("group.instance.id", options.get("--instance"));
        }
        return properties;
    }

    private void say(String text) {
        try {
            OUT.write((options.get("--member") + " " + text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static String joined(Collection<TopicPartition> partitions) {
        return partitions.stream().map(one -> Integer.toString(one.partition())).collect(Collectors.joining(","));
    }

    private final class Listener implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say("GAINED " + joined(partitions));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            say("LOST " + joined(partitions));
        }
    }
}
