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
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StandbyUpdateListener;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams counts words, under the contract of ../README.md.
 *
 * <p>What is not said on the command line is what a streams group of one member needs for its transcript.
 */
public final class WordCount {
    private static final String HEARTBEAT_MS = "500";

    private final Map<String, String> options = new HashMap<>(Map.of("--protocol", "streams", "--store", "memory", "--state", "state",
        "--guarantee", "at_least_once", "--threads", "1", "--commit-ms", "100", "--transaction-ms", "10000"));
    private volatile boolean failed;

    public static void main(String[] args) throws Exception {
        WordCount count = new WordCount();
        for (int i = 0; i < args.length; i += 2) {
            count.options.put(args[i], args[i + 1]);
        }
        count.run();
    }

    private void run() throws Exception {
        if (options.get("--protocol").equals("streams") && options.containsKey("--session-ms")) {
            configureGroup();
        }
        KafkaStreams streams = new KafkaStreams(topology(), properties());
        streams.setUncaughtExceptionHandler(failure -> {
            failure.printStackTrace();
            failed = true;
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            System.out.println("STATE " + now);
            if (now == KafkaStreams.State.ERROR) {
                Runtime.getRuntime().halt(1);
            }
        });
        streams.setStandbyUpdateListener(new Standbys());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean closed = streams.close(Duration.ofSeconds(20));
            // After a signal the status would not be 0.
            Runtime.getRuntime().halt(closed && !failed ? 0 : 1);
        }));
        streams.start();
    }

    /** Says what becomes of standby tasks. */
    private static final class Standbys implements StandbyUpdateListener {
        @Override
        public void onUpdateStart(TopicPartition partition, String store, long offset) {
            System.out.println("STANDBY STARTED " + partition.partition());
        }

        @Override
        public void onBatchLoaded(TopicPartition partition, String store, TaskId task, long end, long records, long logEnd) {
        }

        @Override
        public void onUpdateSuspended(TopicPartition partition, String store, long offset, long logEnd, SuspendReason reason) {
            System.out.println("STANDBY " + reason + " " + partition.partition());
        }
    }

    private Topology topology() {
        KeyValueBytesStoreSupplier store = options.get("--store").equals("memory")
            ? Stores.inMemoryKeyValueStore("counts")
            : Stores.persistentKeyValueStore("counts");
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(options.get("--input"), Consumed.with(Serdes.ByteArray(), Serdes.String()))
            .flatMapValues(WordCount::words)
            .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
            .count(Materialized.<String, Long>as(store).withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
            .toStream()
            .to(options.get("--output"), Produced.with(Serdes.String(), Serdes.Long()));
        return builder.build();
    }

    private static List<String> words(String line) {
        return Arrays.stream(line.split("[^A-Za-z0-9]+")).filter(word -> !word.isEmpty()).toList();
    }

    /** What a client says of itself in a classic group, it is told by a streams group (KIP-1071). */
    private void configureGroup() throws Exception {
        Map<String, String> settings = Map.of("streams.session.timeout.ms", options.get("--session-ms"),
            "streams.heartbeat.interval.ms", HEARTBEAT_MS, "streams.num.standby.replicas", options.get("--standbys"));
        Collection<AlterConfigOp> changes = settings.entrySet().stream()
            .map(one -> new AlterConfigOp(new ConfigEntry(one.getKey(), one.getValue()), AlterConfigOp.OpType.SET)).toList();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("--bootstrap")))) {
            ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, options.get("--application"));
            admin.incrementalAlterConfigs(Map.of(group, changes)).all().get();
        }
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("application.id", options.get("--application"));
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        properties.put("state.dir", options.get("--state"));
        properties.put("processing.guarantee", options.get("--guarantee"));
        properties.put("num.stream.threads", options.get("--threads"));
        // Every count is sent on, so that the output tells of each of them.
        properties.put("statestore.cache.max.bytes", "0");
        properties.put("commit.interval.ms", options.get("--commit-ms"));
        properties.put("repartition.purge.interval.ms", "1000");
        properties.put("group.protocol", options.get("--protocol"));
        if (options.get("--protocol").equals("classic")) {
            properties.put("num.standby.replicas", options.get("--standbys"));
            properties.put("consumer.session.timeout.ms", options.get("--session-ms"));
            properties.put("consumer.heartbeat.interval.ms", HEARTBEAT_MS);
        }
        properties.put("producer.transaction.timeout.ms", options.get("--transaction-ms"));
        return properties;
    }
}
