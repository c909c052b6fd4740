import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/** Prints what Kafka's own assignors give to members that come and go: see the head of what it prints. */
public class Assignors {
    private static final int GROUPS = 60;
    private static final int STEPS = 9;

    private static final class Member {
        final String id;
        final Optional<String> instance;
        Set<Integer> topics = new TreeSet<>();
        /** By topic. */
        Map<Integer, Set<Integer>> target = new TreeMap<>();

        Member(String id, Optional<String> instance) {
            this.id = id;
            this.instance = instance;
        }
    }

    private final Random random;
    private final ConsumerGroupPartitionAssignor assignor;
    private final boolean sameTopics;
    /** In the order of their ids as unsigned numbers. */
    private final List<Uuid> ids;
    private final int[] counts;
    private final List<Member> members = new ArrayList<>();
    private int named;

    private Assignors(int seed) {
        random = new Random(seed);
        assignor = seed % 3 == 2 ? new RangeAssignor() : new UniformAssignor();
        sameTopics = seed % 2 == 0;
        ids = new ArrayList<>();
        for (int topic = 1 + random.nextInt(5); topic > 0; topic--) {
            ids.add(new Uuid(random.nextLong(), random.nextLong()));
        }
        ids.sort((a, b) -> hex(a).compareTo(hex(b)));
        counts = ids.stream().mapToInt(id -> 1 + random.nextInt(9)).toArray();
    }

    private static String hex(Uuid id) {
        return String.format("%016x%016x", id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private void run() {
        System.out.println("== " + assignor.name());
        ids.forEach(id -> System.out.println("topic " + hex(id)));
        join();
        for (int step = 0; step < STEPS; step++) {
            assign();
            change();
        }
    }

    private void change() {
        int what = random.nextInt(10);
        if (what < 4) {
            for (int more = random.nextInt(3); more >= 0; more--) {
                join();
            }
        } else if (what < 7 && members.size() > 1) {
            members.remove(random.nextInt(members.size()));
        } else if (what == 7) {
            counts[random.nextInt(counts.length)] += 1 + random.nextInt(4);
        } else {
            subscribe(members.get(random.nextInt(members.size())));
        }
    }

    private void join() {
        String id = "m" + named++;
        Member member = new Member(id, random.nextInt(4) == 0 ? Optional.of("i" + random.nextInt(1000) + "-" + named) : Optional.empty());
        members.add(random.nextInt(members.size() + 1), member);
        subscribe(member);
    }

    private void subscribe(Member member) {
        Set<Integer> topics = new TreeSet<>();
        for (int topic = 0; topic < ids.size(); topic++) {
            if (random.nextInt(3) > 0) {
                topics.add(topic);
            }
        }
        if (topics.isEmpty()) {
            topics.add(0);
        }
        if (!sameTopics) {
            member.topics = topics;
        } else if (members.size() == 1 || random.nextInt(3) == 0) {
            members.forEach(one -> one.topics = topics);
        } else {
            member.topics = members.get(members.get(0) == member ? 1 : 0).topics;
        }
    }

    private void assign() {
        Map<String, MemberSubscriptionAndAssignmentImpl> specs = new LinkedHashMap<>();
        Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
        for (Member member : members) {
            Set<Uuid> subscribed = new LinkedHashSet<>();
            member.topics.forEach(topic -> subscribed.add(ids.get(topic)));
            Map<Uuid, Set<Integer>> target = new HashMap<>();
            member.target.forEach((topic, partitions) -> {
                target.put(ids.get(topic), new HashSet<>(new ArrayList<>(partitions)));
                for (int partition : partitions) {
                    owners.computeIfAbsent(ids.get(topic), id -> new HashMap<>()).put(partition, member.id);
                }
            });
            Assignment old = new Assignment(Collections.unmodifiableMap(target));
            specs.put(member.id, new MemberSubscriptionAndAssignmentImpl(Optional.empty(), member.instance, subscribed, old));
        }
        boolean same = members.stream().allMatch(member -> member.topics.equals(members.get(0).topics));
        SubscriptionType type = same ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        SubscribedTopicDescriber topics = new SubscribedTopicDescriber() {
            public int numPartitions(Uuid id) {
                return counts[ids.indexOf(id)];
            }

            public Set<String> racksForPartition(Uuid id, int partition) {
                return Set.of();
            }
        };
        Map<String, MemberAssignment> assigned = assignor.assign(new GroupSpecImpl(specs, type, owners), topics).members();
        System.out.println("partitions " + join(java.util.Arrays.stream(counts).boxed().toList()));
        for (Member member : members) {
            MemberAssignment one = assigned.get(member.id);
            Map<Integer, Set<Integer>> target = new TreeMap<>();
            if (one != null) {
                one.partitions().forEach((id, partitions) -> target.put(ids.indexOf(id), new TreeSet<>(partitions)));
            }
            target.values().removeIf(Set::isEmpty);
            member.target = target;
            String owned = target.entrySet().stream().map(row -> row.getKey() + ":" + join(row.getValue()))
                .collect(Collectors.joining(" "));
            System.out.println(member.id + " " + member.instance.orElse("-") + " " + join(member.topics) + " -> " + owned);
        }
    }

    private static String join(Iterable<Integer> numbers) {
        List<String> texts = new ArrayList<>();
        numbers.forEach(number -> texts.add(number.toString()));
        return String.join(",", texts);
    }

    public static void main(String[] arguments) {
        for (int seed = 0; seed < GROUPS; seed++) {
            new Assignors(seed).run();
        }
    }
}
