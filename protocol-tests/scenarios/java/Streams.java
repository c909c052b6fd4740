import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;

/** One instance of an application of Kafka Streams, a member of a streams group (KIP-1071), in this JVM. */
final class Streams implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(10);
    // Members hear of changes at once, and nothing waits for time that the scenario would have to move.
    private static final List<String> CLUSTER = List.of("--clock", "manual", "--config", "group.streams.min.heartbeat.interval.ms=100",
        "--config", "group.streams.heartbeat.interval.ms=100", "--config", "group.streams.initial.rebalance.delay.ms=0",
        "--config", "group.streams.assignment.interval.ms=0");

    /** To be given listeners, and started. */
    final KafkaStreams streams;
    private final Path state;

    /** The ids of its clients begin with {@code name}: it has one member, which is called {@link #member}. */
    Streams(Cluster cluster, String application, String name, Topology topology, Map<String, Object> settings) throws IOException {
        state = Files.createTempDirectory(application);
        Properties all = new Properties();
        all.putAll(Map.of("bootstrap.servers", cluster.bootstrap, "application.id", application, "client.id", name,
            "group.protocol", "streams", "state.dir", state.toString(), "commit.interval.ms", 100, "statestore.cache.max.bytes", 0));
        all.putAll(settings);
        streams = new KafkaStreams(topology, all);
    }

    static String member(String name) {
        return name + "-StreamThread-1-consumer";
    }

    /** The options of a cluster for such applications. */
    static String[] options(String... topics) {
        List<String> options = new ArrayList<>(CLUSTER);
        Arrays.stream(topics).forEach(topic -> options.addAll(List.of("--topic", topic)));
        return options.toArray(String[]::new);
    }

    static Admin admin(Cluster cluster) {
        return Admin.create(Map.of("bootstrap.servers", cluster.bootstrap));
    }

    static StreamsGroupDescription group(Admin admin, String application) {
        return admin.describeStreamsGroups(List.of(application)).describedGroups().get(application)
            .toCompletionStage().toCompletableFuture().join();
    }

    /** Whether the group has so many members, and each has the tasks that it is to have. */
    static boolean isAtRest(Admin admin, String application, int members) {
        try {
            StreamsGroupDescription group = group(admin, application);
            return group.groupState() == GroupState.STABLE && group.members().size() == members;
        } catch (CompletionException error) {
            if (error.getCause() instanceof GroupIdNotFoundException) {
                return false;
            }
            throw error;
        }
    }

    boolean isAlive() {
        return streams.state() != KafkaStreams.State.ERROR && streams.state() != KafkaStreams.State.NOT_RUNNING;
    }

    @Override
    public void close() throws IOException {
        streams.close(CLOSE);
        streams.cleanUp();
        Files.deleteIfExists(state);
    }
}
