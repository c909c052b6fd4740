// What tables of Java, Scala and Kafka make of the order of names: `make orders` writes it into fixtures/orders.
package org.apache.kafka.timeline;

import java.util.*;
import java.util.function.*;
import java.util.stream.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.internals.LogContext;
import scala.jdk.javaapi.CollectionConverters;

public class Orders {
    private static final String[] WORDS = {"orders", "payments", "Zz", "a", "b", "clicks", "users", "audit", "k", "stock",
        "returns", "x1", "x2", "x3", "prices", "billing-events", "q", "sessions", "geo", "mail", "Aa", "BB",
        "AaBB", "BBAa", "polygenelubricants", "é"};

    public static void main(String[] args) {
        for (int count : new int[] {1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 21, 24, 25, 26, 49, 97, 200}) {
            List<String> names = names(count);
            print("hash_map", names, grown(names));
            print("hash_map_computed", names, computed(names));
            print("hash_map_made_for", names, new ArrayList<>(filled(new HashMap<>(names.size()), names).keySet()));
            print("hash_set_copy", names, new ArrayList<>(new HashSet<>(names)));
            print("hash_map_copy", names, new ArrayList<>(new HashMap<>(filled(new LinkedHashMap<>(), names)).keySet()));
            print("timeline", names, timeline(names, false));
            print("timeline_put_again", names, timeline(names, true));
            print("scala_mutable", names, mutable(names));
            print("scala_immutable", names, immutable(names));
            List<TopicPartition> partitions = new ArrayList<>();
            names.forEach(name -> { for (int k : new int[] {2, 0, 7, 1}) partitions.add(new TopicPartition(name, k)); });
            print("partitions_hash_map", names, grown(partitions));
            print("partitions_scala_mutable", names, mutable(partitions));
            print("partitions_scala_immutable", names, immutable(partitions));
        }
        List<Integer> numbers = IntStream.range(0, 40).boxed().toList();
        for (int count : new int[] {1, 2, 3, 5, 6, 10, 11, 21, 40}) {
            List<Integer> some = numbers.subList(0, count);
            print("numbers_timeline", some, timeline(some, false));
            print("numbers_timeline_put_again", some, timeline(some, true));
        }
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(k -> "orders." + WORDS[k % WORDS.length].repeat(1 + k / WORDS.length)).toList();
    }

    private static <T> Map<T, Integer> filled(Map<T, Integer> map, List<T> keys) {
        keys.forEach(key -> map.put(key, 1));
        return map;
    }

    private static <T> List<T> grown(List<T> keys) {
        return new ArrayList<>(filled(new HashMap<>(), keys).keySet());
    }

    private static <T> List<T> computed(List<T> keys) {
        Map<T, Integer> map = new HashMap<>();
        keys.forEach(key -> map.computeIfAbsent(key, __ -> 1));
        return new ArrayList<>(map.keySet());
    }

    private static <T> List<T> timeline(List<T> keys, boolean again) {
        TimelineHashMap<T, Integer> map = new TimelineHashMap<>(new SnapshotRegistry(new LogContext()), 0);
        keys.forEach(key -> map.put(key, 1));
        if (again) map.put(keys.get(0), 2);
        return new ArrayList<>(map.keySet());
    }

    private static <T> List<T> mutable(List<T> keys) {
        scala.collection.mutable.HashMap<T, Integer> map = new scala.collection.mutable.HashMap<>();
        keys.forEach(key -> map.put(key, 1));
        return new ArrayList<>(CollectionConverters.asJava(map.keys().toSeq()));
    }

    private static <T> List<T> immutable(List<T> keys) {
        scala.collection.immutable.HashMap<T, Integer> map = scala.collection.immutable.HashMap$.MODULE$.<T, Integer>empty();
        for (T key : keys) map = map.updated(key, 1);
        return new ArrayList<>(CollectionConverters.asJava(map.keys().toSeq()));
    }

    /** The places that the keys had before. */
    private static <T> void print(String table, List<?> names, List<T> order) {
        List<Object> given = new ArrayList<>();
        if (order.get(0) instanceof TopicPartition) {
            names.forEach(name -> { for (int k : new int[] {2, 0, 7, 1}) given.add(new TopicPartition((String) name, k)); });
        } else {
            given.addAll(names);
        }
        System.out.println(table + " " + names.size() + ": "
            + order.stream().map(key -> String.valueOf(given.indexOf(key))).collect(Collectors.joining(" ")));
    }
}
