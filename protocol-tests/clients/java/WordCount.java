import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
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
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/** Kafka Streams counts words, under the contract of ../README.md. */
public final class WordCount {
    private final Map<String, String> options = new HashMap<>();
    private volatile boolean failed;

    public static void main(String[] args) {
        WordCount count = new WordCount();
        for (int i = 0; i < args.length; i += 2) {
            count.options.put(args[i], args[i + 1]);
        }
        count.run();
    }

    private void run() {
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
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean closed = streams.close(Duration.ofSeconds(20));
            // After a signal the status would not be 0.
            Runtime.getRuntime().halt(closed && !failed ? 0 : 1);
        }));
        streams.start();
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

    private Properties properties() {
        Properties properties = new Properties();
        properties.put("application.id", options.get("--application"));
        properties.put("bootstrap.servers", options.get("--bootstrap"));
        properties.put("state.dir", options.get("--state"));
        properties.put("processing.guarantee", options.get("--guarantee"));
        properties.put("num.stream.threads", "2");
        properties.put("num.standby.replicas", options.get("--standbys"));
        // Every count is sent on, so that the output tells of each of them.
        properties.put("statestore.cache.max.bytes", "0");
        properties.put("commit.interval.ms", options.get("--commit-ms"));
        properties.put("repartition.purge.interval.ms", "1000");
        properties.put("consumer.session.timeout.ms", options.get("--session-ms"));
        properties.put("consumer.heartbeat.interval.ms", "500");
        properties.put("producer.transaction.timeout.ms", options.get("--transaction-ms"));
        return properties;
    }
}
