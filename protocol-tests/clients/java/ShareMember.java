import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Kafka's own share consumer as a member of a share group, under the contract of ../README.md. */
public final class ShareMember {
    // Unbuffered: each line is one write.
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final String IMPLICIT = "implicit";
    private static final String HOLD = "hold";

    private final Map<String, String> options = new HashMap<>();
    private volatile boolean leaving;

    public static void main(String[] args) throws Exception {
        if (!args[0].equals("share")) {
            throw new IllegalArgumentException("unknown sub-command " + args[0]);
        }
        ShareMember member = new ShareMember();
        for (int i = 1; i < args.length; i += 2) {
            member.options.put(args[i], args[i + 1]);
        }
        member.configure();
        member.belong();
    }

    /** Sets the group's own settings, such as `share.auto.offset.reset=earliest`. */
    private void configure() throws Exception {
        Collection<AlterConfigOp> settings = Arrays.stream(options.get("--settings").split(","))
            .map(setting -> setting.split("=", 2))
            .map(words -> new AlterConfigOp(new ConfigEntry(words[0], words[1]), AlterConfigOp.OpType.SET))
            .toList();
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, options.get("--group"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("--bootstrap")))) {
            admin.incrementalAlterConfigs(Map.of(group, settings)).all().get();
        }
    }

    private void belong() throws InterruptedException {
        KafkaShareConsumer<String, String> consumer =
            new KafkaShareConsumer<>(properties(), new StringDeserializer(), new StringDeserializer());
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
            consumer.subscribe(List.of(options.get("--topic")));
            while (!leaving) {
                take(consumer, consumer.poll(Duration.ofMillis(100)));
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
        boolean implicit = options.get("--mode").equals(IMPLICIT);
        properties.put("share.acknowledgement.mode", implicit ? "implicit" : "explicit");
        return properties;
    }

    private void take(KafkaShareConsumer<String, String> consumer, Iterable<ConsumerRecord<String, String>> records)
            throws InterruptedException {
        boolean any = false;
        for (ConsumerRecord<String, String> record : records) {
            any = true;
            int deliveries = record.deliveryCount().orElse((short) 0);
            say("GOT " + record.partition() + " " + record.offset() + " " + deliveries + " " + record.value());
        }
        if (!any || options.get("--mode").equals(IMPLICIT)) {
            return;
        }
        if (options.get("--mode").equals(HOLD)) {
            // The heartbeats go on; the locks are not renewed.
            Thread.sleep(Long.parseLong(options.get("--work-ms")));
        }
        for (ConsumerRecord<String, String> record : records) {
            consumer.acknowledge(record, verdict(record));
        }
        consumer.commitSync().forEach((partition, error) -> error.ifPresent(refused ->
            say("REFUSED " + partition.partition() + " " + refused.getClass().getSimpleName())));
    }

    /** What a record's value asks for. */
    private static AcknowledgeType verdict(ConsumerRecord<String, String> record) {
        if (record.value().startsWith("reject")) {
            return AcknowledgeType.REJECT;
        }
        boolean isFirst = record.deliveryCount().orElse((short) 0) == 1;
        return record.value().startsWith("release") && isFirst ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT;
    }

    private void say(String text) {
        try {
            OUT.write((options.get("--member") + " " + text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
