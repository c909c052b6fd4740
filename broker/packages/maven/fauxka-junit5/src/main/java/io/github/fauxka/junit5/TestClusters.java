package io.github.fauxka.junit5;

import io.github.fauxka.Fauxka;
import java.util.LinkedHashMap;
import java.util.Map;

/** The clusters of one test. */
final class TestClusters implements AutoCloseable {
    private record Named(String name, Fauxka cluster) {
    }

    private final Map<String, Named> clusters = new LinkedHashMap<>();

    synchronized Fauxka get(String key, String name, Declaration declared) {
        return clusters.computeIfAbsent(key, absent -> new Named(name, declared.builder().start())).cluster();
    }

    synchronized Map<String, Fauxka> byName() {
        var found = new LinkedHashMap<String, Fauxka>();
        // Parameters of the test and of @BeforeEach may have the same name.
        clusters.values().forEach(named -> found.put(found.containsKey(named.name()) ? named.name() + " " + found.size() : named.name(), named.cluster()));
        return found;
    }

    @Override
    public synchronized void close() {
        clusters.values().forEach(named -> named.cluster().close());
        clusters.clear();
    }
}
