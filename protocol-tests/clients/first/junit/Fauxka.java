import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One cluster for all tests of a run, reset before each: {@code @ExtendWith(Fauxka.class)}. */
public class Fauxka implements BeforeEachCallback {
    private static final String[] READY = start();

    private static String[] start() {
        var command = new ProcessBuilder("fauxka", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--topic", "orders",
            "--exit-with-parent").redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = command.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            return process.inputReader().readLine().split(" ");
        } catch (IOException error) {
            throw new IllegalStateException("is fauxka on your PATH?", error);
        }
    }

    public static String bootstrap() {
        return READY[1].substring("bootstrap=".length());
    }

    /** Asks the control port: a POST if there is a body, else a GET. */
    public static String control(String path, String body) throws Exception {
        var url = URI.create(READY[2].substring("control=".length()) + path);
        var request = HttpRequest.newBuilder(url).header("Content-Type", "application/json");
        if (body != null) {
            request.POST(BodyPublishers.ofString(body));
        }
        var answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(answer.body());
        }
        return answer.body();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        control("/v1/reset", "{}");
    }
}
