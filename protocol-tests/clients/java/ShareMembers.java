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
import java.util.function.Function;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Kafka's own share consumer: members of share groups, in threads of one JVM, under the contract of ../README.md. */
public final class ShareMembers {
    // Unbuffered: each line is one write.
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final long RENEW_MILLIS = 300;

    public static void main(String[] args) throws Exception {
        if (!args[0].equals("share") || !args[1].equals("--bootstrap")) {
            throw new IllegalArgumentException("usage: share --bootstrap HOST:PORT");
        }
        Map<String, Member> members = new HashMap<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "JOIN" -> {
                    members.put(words[1], new Member(words[1], words[4], args[2], words[2], words[3]));
                    members.get(words[1]).start();
                }
                case "FINISH" -> members.get(words[1]).finish();
                case "LEAVE" -> members.get(words[1]).leave();
                default -> throw new IllegalArgumentException(line);
            }
        }
        for (Member member : members.values()) {
            member.leave();
            member.join();
        }
    }

    private static synchronized void say(String text) {
        try {
            OUT.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static final class Member extends Thread {
        private final String mode;
        private final String topic;
        private final Properties properties = new Properties();
        private volatile boolean leaving;
        private boolean finishing;

        Member(String name, String mode, String bootstrap, String topic, String group) {
            super(name);
            this.mode = mode;
            this.topic = topic;
            properties.put("bootstrap.servers", bootstrap);
            properties.put("client.id", name);
            properties.put("group.id", group);
            properties.put("share.acknowledgement.mode", mode.equals("implicit") ? "implicit" : "explicit");
        }

        synchronized void finish() {
            finishing = true;
            notifyAll();
        }

        void leave() {
            leaving = true;
            finish();
        }

        @Override
        public void run() {
            try (var consumer = new KafkaShareConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of(topic));
                while (!leaving) {
                    take(consumer, consumer.poll(Duration.ofMillis(100)));
                }
            } catch (InterruptedException never) {
                throw new IllegalStateException(never);
            }
            say(getName() + " LEFT");
        }

        private void take(KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> taken)
                throws InterruptedException {
            ConsumerRecords<String, String> records = taken;
            for (ConsumerRecord<String, String> record : records) {
                say(getName() + " GOT " + record.partition() + " " + record.offset() + " " + deliveries(record) + " " + record.value());
            }
            if (records.isEmpty() || mode.equals("implicit")) {
                return;
            }
            while (mode.equals("hold") && !isFinishing(0)) {
                // The heartbeats go on; the locks are not renewed.
            }
            while (mode.equals("renew") && !isFinishing(RENEW_MILLIS)) {
                acknowledge(consumer, records, record -> AcknowledgeType.RENEW);
                // What was renewed must be polled again before it can be acknowledged.
                records = consumer.poll(Duration.ofSeconds(10));
            }
            acknowledge(consumer, records, Member::verdict);
        }

        /** Whether the runner said so, within so many milliseconds; 0 waits for ever. */
        private synchronized boolean isFinishing(long millis) throws InterruptedException {
            if (!finishing) {
                wait(millis);
            }
            return finishing;
        }

        private void acknowledge(KafkaShareConsumer<String, String> consumer, ConsumerRecords<String, String> records,
                Function<ConsumerRecord<String, String>, AcknowledgeType> verdict) {
            for (ConsumerRecord<String, String> record : records) {
                consumer.acknowledge(record, verdict.apply(record));
            }
            consumer.commitSync().forEach((partition, refused) -> say(getName() + " ACKNOWLEDGED " + partition.partition() + " "
                + refused.map(error -> Errors.forException(error).name()).orElse("NONE")));
        }

        /** What a record's value asks for. */
        private static AcknowledgeType verdict(ConsumerRecord<String, String> record) {
            if (record.value().startsWith("reject")) {
                return AcknowledgeType.REJECT;
            }
            return record.value().startsWith("release") && deliveries(record) == 1 ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT;
        }

        private static int deliveries(ConsumerRecord<String, String> record) {
            return record.deliveryCount().orElse((short) 0);
        }
    }
}
