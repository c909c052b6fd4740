import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.tools.ConsoleProducer;
import org.apache.kafka.tools.TopicCommand;
import org.apache.kafka.tools.consumer.ConsoleConsumer;

/** Kafka's console producer and consumer under the contract of ../README.md. */
public final class ConsoleClient {
    public static void main(String[] args) throws Exception {
        if (!args[0].equals("roundtrip")) {
            throw new IllegalArgumentException("unknown sub-command " + args[0]);
        }
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        byte[] input = Files.readAllBytes(Path.of(options.get("--input")));
        for (String codec : options.get("--codecs").split(",")) {
            Path output = Path.of(options.get("--output"), codec);
            roundTrip(options.get("--bootstrap"), options.get("--topic") + "-" + codec, codec, input, output);
            System.out.println("DONE " + codec + " " + Files.readAllLines(output).size());
        }
        System.exit(0);
    }

    private static void roundTrip(String bootstrap, String topic, String codec, byte[] input, Path output)
            throws Exception {
        run(TopicCommand::main, new byte[0], System.err,
            "--bootstrap-server", bootstrap, "--create", "--topic", topic);
        run(ConsoleProducer::main, input, System.err,
            "--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec);
        long lines = 0;
        for (byte b : input) {
            lines += b == '\n' ? 1 : 0;
        }
        try (PrintStream out = new PrintStream(new FileOutputStream(output.toFile()))) {
            run(ConsoleConsumer::main, new byte[0], out, "--bootstrap-server", bootstrap, "--topic", topic,
                "--partition", "0", "--offset", "earliest", "--max-messages", Long.toString(lines),
                "--timeout-ms", "30000");
        }
    }

    private static void run(InProcess.Tool tool, byte[] input, PrintStream out, String... args) throws Exception {
        int status = InProcess.run(tool, input, out, System.err, args);
        if (status != 0) {
            throw new IllegalStateException(String.join(" ", args) + ": exit status " + status);
        }
    }
}
