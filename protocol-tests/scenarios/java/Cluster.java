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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A running broker, and the verbs of its control port. Copy this file: it needs nothing but the JDK, 17 or newer. */
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

    /** Starts the program that the environment names in FAUXKA, or else the one on your PATH, on free ports. */
    static Cluster start(String... options) throws IOException {
        String program = System.getenv().getOrDefault("FAUXKA", "fauxka");
        List<String> command = new ArrayList<>(List.of(program, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
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

    /** Moves the manual clock, while the clients of these ids are dead: what expired on the way. */
    List<String> advance(String by, String... silent) {
        var ids = silent.length == 0 ? "" : "\"" + String.join("\", \"", silent) + "\"";
        var moved = post("/v1/clock/advance", "{\"by\": \"" + by + "\", \"silent\": [" + ids + "]}");
        return list(moved.get("expired")).stream().map(due -> (String) due.get("what")).toList();
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

    /** Reads JSON into maps, lists, strings, numbers, booleans and null. */
    private static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object read(String text) {
            return new Json(text).value();
        }

        private Object value() {
            char first = peek();
            return switch (first) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            for (at++; peek() != '}'; skip(',')) {
                String name = string();
                peek();
                skip(':');
                members.put(name, value());
            }
            at++;
            return members;
        }

        private List<Object> array() {
            List<Object> elements = new ArrayList<>();
            for (at++; peek() != ']'; skip(',')) {
                elements.add(value());
            }
            at++;
            return elements;
        }

        private String string() {
            peek();
            StringBuilder found = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) != '\\') {
                    found.append(text.charAt(at));
                    continue;
                }
                char escaped = text.charAt(++at);
                switch (escaped) {
                    case 'n' -> found.append('\n');
                    case 't' -> found.append('\t');
                    case 'r' -> found.append('\r');
                    case 'b' -> found.append('\b');
                    case 'f' -> found.append('\f');
                    case 'u' -> {
                        found.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                        at += 4;
                    }
                    default -> found.append(escaped);
                }
            }
            at++;
            return found.toString();
        }

        private Object number() {
            int from = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            String number = text.substring(from, at);
            return number.matches("-?\\d+") ? (Object) Long.valueOf(number) : Double.valueOf(number);
        }

        private Object word(String word, Object value) {
            if (!text.startsWith(word, at)) {
                throw new IllegalArgumentException("no JSON at " + at + ": " + text);
            }
            at += word.length();
            return value;
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void skip(char separator) {
            if (peek() == separator) {
                at++;
            }
        }
    }
}
