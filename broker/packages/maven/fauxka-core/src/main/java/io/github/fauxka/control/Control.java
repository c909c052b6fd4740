package io.github.fauxka.control;

import io.github.fauxka.FauxkaException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A client of the control port. Every operation is a typed method, by subject; {@link #ask} and its sisters send any request.
 *
 * <pre>{@code cluster.control().acls().addAcl(Acl.builder().principal("User:bob")…build())}</pre>
 */
public final class Control extends Operations {
    /** Longer than anything takes that has no time-out of its own. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    // One for all clusters: a client of Java 17 keeps its threads until it is collected.
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY).connectTimeout(Duration.ofSeconds(10)).build();

    private final URI url;
    private final Supplier<String> state;

    /**
     * A client of the control port at this address.
     *
     * @param url the address, as the READY line gives it
     * @param state what to say of the cluster if the port does not answer
     */
    public Control(URI url, Supplier<String> state) {
        this.url = url;
        this.state = state;
    }

    /** The address of the control port. */
    public URI url() {
        return url;
    }

    @Override
    Control control() {
        return this;
    }

    /**
     * Sends a request, and reads the answer as a record.
     *
     * @param query a map or record of query parameters, or null
     * @param body what to send as JSON: a record, map or list, or null for none
     */
    public <T> T ask(Class<T> type, String method, String path, Object query, Object body) {
        return Json.read(type, Json.parsed(askText(method, path, query, body)));
    }

    /** Sends a request, and reads the answer as a list of records. */
    public <T> List<T> askList(Class<T> item, String method, String path, Object query, Object body) {
        return Json.readList(item, Json.parsed(askText(method, path, query, body)));
    }

    /** Sends a request, and gives the answer as text. */
    public String askText(String method, String path, Object query, Object body) {
        return new String(askBytes(method, path, query, body), StandardCharsets.UTF_8);
    }

    /** Sends a request whose answer is empty. */
    public void tell(String method, String path, Object query, Object body) {
        askBytes(method, path, query, body);
    }

    /** Sends a request, and gives the answer as it is. A {@code byte[]} as the body is sent as it is. */
    public byte[] askBytes(String method, String path, Object query, Object body) {
        Map<?, ?> parameters = query == null ? Map.of() : query instanceof Map<?, ?> map ? map : Json.fields(query);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path + encoded(parameters)));
        if (!parameters.containsKey("timeout")) {
            request.timeout(PATIENCE);
        }
        if (body != null) {
            request.header("Content-Type", body instanceof byte[] ? "application/octet-stream" : "application/json");
        }
        HttpResponse<byte[]> answer = sent(request.method(method, publisher(body)).build());
        if (answer.statusCode() >= 400) {
            throw refusal(method + " " + path, answer);
        }
        return answer.body();
    }

    private static BodyPublisher publisher(Object body) {
        if (body == null) {
            return BodyPublishers.noBody();
        }
        return body instanceof byte[] bytes ? BodyPublishers.ofByteArray(bytes) : BodyPublishers.ofString(Json.text(body));
    }

    private static String encoded(Map<?, ?> parameters) {
        String query = parameters.entrySet().stream()
                .map(entry -> escaped(entry.getKey()) + "=" + escaped(entry.getValue())).collect(Collectors.joining("&"));
        return query.isEmpty() ? "" : "?" + query;
    }

    static String escaped(Object value) {
        return URLEncoder.encode(value.toString(), StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpResponse<byte[]> sent(HttpRequest request) {
        try {
            return HTTP.send(request, BodyHandlers.ofByteArray());
        } catch (IOException error) {
            throw new FauxkaException("no answer to " + request.method() + " " + request.uri() + ": " + error + "; " + state.get(), error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new FauxkaException("interrupted while waiting for an answer to " + request.method() + " " + request.uri(), error);
        }
    }

    private static ControlException refusal(String request, HttpResponse<byte[]> answer) {
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        try {
            Refused refused = Json.read(Refused.class, Json.parsed(text));
            return new ControlException(refused.error(), answer.statusCode(), request, refused.kafka());
        } catch (IllegalArgumentException | ClassCastException error) {
            return new ControlException(request + " was refused with status " + answer.statusCode() + ": " + text, answer.statusCode(), request, null);
        }
    }
}
