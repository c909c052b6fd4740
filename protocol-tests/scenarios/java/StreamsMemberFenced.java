import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Streams member fenced.
 *
 * <p>In production: a pod stands still between what it wrote and its commit. Its session ends, another member of the streams group
 * (KIP-1071) gets its task and does the same again, and then the first one wakes up. The group fences it, but what it wrote is there:
 * Kafka Streams processes at least once unless it is told otherwise.
 * <p>Control: a rule that holds the heartbeats and commits of one member; clock.
 * <p>Promise: each order is billed once.
 */
final class StreamsMemberFenced {
    static Map<String, Object> buggy() {
        return Map.of();
    }

    static Map<String, Object> fixed() {
        return Map.of("processing.guarantee", "exactly_once_v2");
    }

    private static Streams billing(Cluster cluster, String pod, Map<String, Object> settings) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("orders", Consumed.with(Serdes.String(), Serdes.String())).mapValues(order -> "bill " + order)
            .to("bills", Produced.with(Serdes.String(), Serdes.String()));
        return new Streams(cluster, "billing", pod, builder.build(), settings);
    }

    static void scenario(Cluster cluster, Map<String, Object> application) throws Exception {
        String member = Streams.member("zombie");
        try (Streams zombie = billing(cluster, "zombie", application); Streams twin = billing(cluster, "twin", application)) {
            zombie.streams.start();
            Scenario.until(() -> zombie.streams.state() == KafkaStreams.State.RUNNING, "a pod that runs");
            Cluster.Fault pause = cluster.fault("""
                {"client_id": "zombie-*", "api": ["StreamsGroupHeartbeat", "OffsetCommit", "EndTxn"], "before_apply": "hold"}""");
            Scenario.write(cluster, "orders", List.of("1"));
            Scenario.until(() -> cluster.values("bills").contains("bill 1"), "a bill without its commit");
            twin.streams.start();
            cluster.await(1, "api=StreamsGroupHeartbeat&failed=false&client_id=" + Streams.member("twin"));
            // A session ends after 45 seconds, a transaction of Kafka Streams after ten.
            cluster.advance("1m", member);
            Scenario.write(cluster, "orders", List.of("2"));
            Scenario.until(() -> cluster.committedValues("bills").contains("bill 2"), "what the twin did");
            pause.release();
            cluster.await(1, "api=StreamsGroupHeartbeat&error=UNKNOWN_MEMBER_ID&client_id=" + member);
            Scenario.onceEach(List.of("bill 1", "bill 2"), cluster.committedValues("bills"), "bills");
        }
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.prove(StreamsMemberFenced::scenario, buggy(), fixed(), Streams.options("orders", "bills"));
    }
}
