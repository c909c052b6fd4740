import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A running broker, and the verbs of its control port. Needs nothing but the JDK. */
final class Cluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final String bootstrap;
    private final String control;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private volatile boolean running = true;

    private Cluster(Process process, String ready) {
        this.process = process;
        bootstrap = word(ready, "bootstrap=");
        control = word(ready, "control=");
    }

    /** Starts the program that the environment names, on free ports. */
    static Cluster start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(System.getenv("FAUXKA"), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
            "--exit-with-parent", "--config", "group.initial.rebalance.delay.ms=0"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String ready = out.readLine();
        if (ready == null || !ready.startsWith("READY ")) {
            throw new IOException("the broker did not get ready: " + ready);
        }
        return new Cluster(process, ready);
    }

    private static String word(String ready, String key) {
        for (String word : ready.split(" ")) {
            if (word.startsWith(key)) {
                return word.substring(key.length());
            }
        }
        throw new IllegalArgumentException("no " + key + " in " + ready);
    }

    /** What the control port answers; its refusals are errors of the scenario. */
    Object call(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + path)).timeout(PATIENCE.multipliedBy(2))
            .header("content-type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        try {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException(method + " " + path + ": " + answer.body());
            }
            return answer.body().isEmpty() ? null : Json.read(answer.body());
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException(method + " " + path, error);
        }
    }

    Map<String, Object> get(String path) {
        return object(call("GET", path, null));
    }

    Map<String, Object> post(String path, String body) {
        return object(call("POST", path, body));
    }

    /** Moves the manual clock. */
    void advance(String by) {
        post("/v1/clock/advance", "{\"by\": \"" + by + "\"}");
    }

    /** A rule in force, about requests to come, as broker/docs/faults.md has it. */
    Fault fault(String rule) {
        return new Fault(post("/v1/faults", rule).get("id"));
    }

    /** The journal's rows that fit, as soon as there are so many; conditions are those of GET /v1/journal. */
    List<Map<String, Object>> await(int count, String conditions) {
        return list(get("/v1/journal/wait?count=" + count + "&timeout=" + PATIENCE.toSeconds() + "s&" + conditions).get("rows"));
    }

    /** The journal's rows that fit, of those there are. */
    List<Map<String, Object>> journal(String conditions) {
        return list(get("/v1/journal?" + conditions).get("rows"));
    }

    /** The values in a topic's first partition, as they are stored. */
    List<String> values(String topic) {
        return values(topic, false);
    }

    /** What a reader of committed transactions gets. */
    List<String> committedValues(String topic) {
        return values(topic, true);
    }

    private List<String> values(String topic, boolean onlyCommitted) {
        return list(get("/v1/topics/" + topic + "/0/records?max=10000").get("records")).stream()
            .filter(record -> !record.containsKey("marker"))
            .filter(record -> !onlyCommitted || record.getOrDefault("transaction", "committed").equals("committed"))
            .map(record -> (String) record.get("value")).toList();
    }

    /** Whether applications are to go on. */
    boolean isRunning() {
        return running;
    }

    /** Lets applications end: nothing stands in their way any more. */
    void end() {
        running = false;
        call("DELETE", "/v1/faults", null);
    }

    @Override
    public void close() {
        process.destroy();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object json) {
        return (Map<String, Object>) json;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object json) {
        return (List<Map<String, Object>>) json;
    }

    /** A rule in force. */
    final class Fault {
        private final String path;

        private Fault(Object number) {
            path = "/v1/faults/" + number;
        }

        /** Until the rule has acted so often. */
        void await(int hits) {
            get(path + "/wait?hits=" + hits + "&timeout=" + PATIENCE.toSeconds() + "s");
        }

        long hits() {
            return (Long) get(path).get("hits");
        }

        /** Ends it; what it keeps goes on. */
        void release() {
            call("POST", path + "/release", "{}");
        }
    }
}
