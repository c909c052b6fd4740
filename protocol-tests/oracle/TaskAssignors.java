import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.coordinator.group.api.streams.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.streams.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.streams.assignor.TopologyDescriber;
import org.apache.kafka.coordinator.group.streams.assignor.AssignmentConfigsImpl;
import org.apache.kafka.coordinator.group.streams.assignor.GroupSpecImpl;
import org.apache.kafka.coordinator.group.streams.assignor.MemberMetadataAndStateImpl;
import org.apache.kafka.coordinator.group.streams.assignor.StickyTaskAssignor;

/** Prints what Kafka's task assignor gives to members that come and go: see fixtures/task_assignors/README.md. */
public class TaskAssignors {
    private static final int GROUPS = 80;
    private static final int STEPS = 9;

    private static final class Member {
        final String id;
        final String process;
        Map<String, Set<Integer>> active = new TreeMap<>();
        Map<String, Set<Integer>> standby = new TreeMap<>();
        Map<String, Map<Integer, Long>> offsets = new TreeMap<>();

        Member(String id, String process) {
            this.id = id;
            this.process = process;
        }
    }

    private final Random random;
    private final List<Member> members = new ArrayList<>();
    private final Map<String, Integer> tasks = new TreeMap<>();
    private final Set<String> stateful = new TreeSet<>();
    private final List<String> processes = new ArrayList<>();
    private int named;

    private TaskAssignors(int seed) {
        random = new Random(seed);
        for (int count = 1 + random.nextInt(4), id = 0; id < count; id++) {
            tasks.put(Integer.toString(id), 1 + random.nextInt(9));
            if (random.nextInt(3) > 0) stateful.add(Integer.toString(id));
        }
        for (int count = 1 + random.nextInt(5); count > 0; count--) processes.add("process-" + random.nextInt(1000));
    }

    public static void main(String[] arguments) {
        for (int seed = 0; seed < GROUPS; seed++) new TaskAssignors(seed).run();
    }

    private void run() {
        System.out.println("== " + tasks.entrySet().stream()
            .map(entry -> entry.getKey() + ":" + entry.getValue() + (stateful.contains(entry.getKey()) ? "s" : ""))
            .collect(Collectors.joining(" ")));
        for (int step = 0; step < STEPS; step++) {
            change();
            assign(random.nextInt(3));
        }
    }

    private void change() {
        for (int joins = random.nextInt(3); joins > 0 || members.isEmpty(); joins--) {
            members.add(new Member("member-" + random.nextInt(100) + "-" + named++, processes.get(random.nextInt(processes.size()))));
        }
        if (members.size() > 1 && random.nextInt(3) == 0) members.remove(random.nextInt(members.size()));
        for (Member member : members) {
            if (random.nextInt(3) == 0) {
                member.offsets = new TreeMap<>();
                for (String id : stateful) {
                    for (int index = 0; index < tasks.get(id); index++) {
                        if (random.nextInt(4) == 0) member.offsets.computeIfAbsent(id, key -> new TreeMap<>()).put(index, (long) random.nextInt(50));
                    }
                }
            }
            // A member may have lost what it ran, or lag behind.
            if (random.nextInt(8) == 0) member.active = new TreeMap<>();
        }
    }

    private void assign(int replicas) {
        Map<String, MemberMetadataAndStateImpl> specs = new HashMap<>();
        for (Member member : members) {
            specs.put(member.id, new MemberMetadataAndStateImpl(Optional.empty(), Optional.empty(), member.process, Map.of(),
                member.active, member.standby, Map.of(), member.offsets, Map.of()));
        }
        var spec = new GroupSpecImpl(specs, new AssignmentConfigsImpl(replicas, List.of()));
        GroupAssignment assigned = new StickyTaskAssignor().assign(spec, new TopologyDescriber() {
            @Override public List<String> subtopologies() { return List.copyOf(tasks.keySet()); }
            @Override public int maxNumInputPartitions(String id) { return tasks.get(id); }
            @Override public boolean isStateful(String id) { return stateful.contains(id); }
        });
        System.out.println("standby " + replicas);
        Map<String, Member> byId = members.stream().collect(Collectors.toMap(member -> member.id, member -> member));
        for (String id : specs.keySet()) {
            Member member = byId.get(id);
            MemberAssignment given = assigned.members().get(id);
            System.out.println(id + " " + member.process + " | " + text(member.active) + " | " + text(member.standby) + " | "
                + offsets(member.offsets) + " -> " + text(given.activeTasks()) + " | " + text(given.standbyTasks()));
            member.active = copy(given.activeTasks());
            member.standby = copy(given.standbyTasks());
        }
    }

    private static Map<String, Set<Integer>> copy(Map<String, Set<Integer>> tasks) {
        Map<String, Set<Integer>> copy = new TreeMap<>();
        tasks.forEach((id, indexes) -> copy.put(id, new HashSet<>(indexes)));
        return copy;
    }

    private static String text(Map<String, Set<Integer>> tasks) {
        return new TreeMap<>(tasks).entrySet().stream().map(entry -> entry.getKey() + ":" + new TreeSet<>(entry.getValue()).stream()
            .map(Object::toString).collect(Collectors.joining(","))).collect(Collectors.joining(" "));
    }

    private static String offsets(Map<String, Map<Integer, Long>> offsets) {
        return offsets.entrySet().stream().map(entry -> entry.getKey() + ":" + entry.getValue().entrySet().stream()
            .map(at -> at.getKey() + "@" + at.getValue()).collect(Collectors.joining(","))).collect(Collectors.joining(" "));
    }
}
