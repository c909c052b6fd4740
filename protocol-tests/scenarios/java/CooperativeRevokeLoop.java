import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Cooperative revoke loop.
 *
 * <p>In production: with the cooperative protocol members go on working while the group rebalances. A commit in that time ends with a
 * RebalanceInProgressException; an application that takes this for the loss of its membership closes its consumer and makes a new one. That
 * gives all of its partitions away and is the next rebalance, in which the next member's commit is refused, and so on.
 * <p>Control: a rule that holds the JoinGroup of one member, so that the rebalance which a third one began lasts; another that watches.
 * <p>Promise: no partition is revoked but those that move to the new member.
 */
final class CooperativeRevokeLoop {
    /** What an application does with a commit that came in the middle of a rebalance: whether it keeps its consumer. */
    interface Answer {
        boolean keepsItsConsumer(RebalanceInProgressException refused);
    }

    /** What happened to one member. */
    private static final class Seen {
        final List<TopicPartition> revoked = new CopyOnWriteArrayList<>();
        final List<String> refused = new CopyOnWriteArrayList<>();
    }

    static Void work(Cluster cluster, String name, Seen seen, Answer answer) {
        while (cluster.isRunning()) {
            belong(cluster, name, seen, answer);
        }
        return null;
    }

    /** Works as one member, until the cluster ends or the application gives the consumer up. */
    private static void belong(Cluster cluster, String name, Seen seen, Answer answer) {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap, "client.id", name, "group.id", "workers",
            "auto.offset.reset", "earliest", "enable.auto.commit", false, "heartbeat.interval.ms", 100, "fetch.max.wait.ms", 50,
            "partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"), new Listener(cluster, seen));
            while (cluster.isRunning()) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(50))) {
                    try {
                        consumer.commitSync();
                    } catch (RebalanceInProgressException refused) {
                        seen.refused.add(record.value());
                        if (!answer.keepsItsConsumer(refused)) {
                            return;
                        }
                    }
                }
            }
        }
    }

    private record Listener(Cluster cluster, Seen seen) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // At the end all are given back, which is no rebalance.
            if (cluster.isRunning()) {
                seen.revoked.addAll(partitions);
            }
        }
    }

    /** How many partitions each client has, if the group is at rest. */
    private static boolean isAtRest(Cluster cluster, Map<String, Integer> wanted) {
        var groups = Cluster.list(cluster.call("GET", "/v1/groups", null));
        if (groups.isEmpty() || !"Stable".equals(groups.get(0).get("state"))) {
            return false;
        }
        List<Map<String, Object>> members = Cluster.list(groups.get(0).get("members"));
        return members.size() == wanted.size() && members.stream().allMatch(member -> owned(member) == wanted.get(member.get("client_id")));
    }

    private static int owned(Map<String, Object> member) {
        return Cluster.list(member.get("assignment")).stream().mapToInt(topic -> ((List<?>) topic.get("partitions")).size()).sum();
    }

    static void scenario(Cluster cluster, Answer application) throws Exception {
        List<Seen> seen = new ArrayList<>(List.of(new Seen(), new Seen(), new Seen()));
        Scenario.start(() -> work(cluster, "a", seen.get(0), application));
        Scenario.start(() -> work(cluster, "b", seen.get(1), application));
        Scenario.until(() -> isAtRest(cluster, Map.of("a", 3, "b", 3)), "three partitions for each of two");
        seen.forEach(one -> one.revoked.clear());

        Cluster.Fault pause = cluster.fault("""
            {"api": "JoinGroup", "client_id": "b", "nth": 1, "before_apply": "hold"}""");
        Cluster.Fault joins = cluster.fault("""
            {"api": "JoinGroup", "client_id": "a", "observe": true}""");
        Scenario.start(() -> work(cluster, "c", seen.get(2), application));
        pause.await(1);
        joins.await(1);
        // There are records for a in the middle of the rebalance, which cannot go on without b.
        for (int partition = 0; partition < 6; partition++) {
            Scenario.write(cluster, "orders", partition, List.of("order " + partition));
        }
        Scenario.until(() -> !seen.get(0).refused.isEmpty(), "a commit that was refused");
        pause.release();
        Scenario.until(() -> isAtRest(cluster, Map.of("a", 2, "b", 2, "c", 2)), "two partitions for each of three");

        List<TopicPartition> revoked = seen.stream().flatMap(one -> one.revoked.stream()).toList();
        Scenario.promise(revoked.size() == 2, "two partitions had to move, and revoked were " + revoked);
    }

    public static void main(String[] arguments) throws Exception {
        Scenario.<Answer>prove(CooperativeRevokeLoop::scenario, refused -> false, refused -> true, "--topic", "orders:6");
    }
}
