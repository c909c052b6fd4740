package shop;

import io.github.fauxka.Fauxka;
import io.github.fauxka.FauxkaException;
import java.nio.file.Path;

/** Starts a cluster, and prints what becomes of it. Arguments: the program or -, and its arguments; or --live, to live until it is killed. */
final class Starts {
    private Starts() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments[0].equals("--live")) {
            var starter = new Thread(() -> System.out.println("pid " + Fauxka.start().pid()));
            // The thread that starts a cluster ends before it.
            starter.start();
            starter.join();
            Thread.sleep(Long.MAX_VALUE);
        }
        var builder = Fauxka.builder();
        if (!arguments[0].equals("-")) {
            builder.binary(Path.of(arguments[0]));
        }
        for (int at = 1; at < arguments.length; at++) {
            builder.arguments(arguments[at]);
        }
        try (Fauxka cluster = builder.start()) {
            ProcessHandle.of(cluster.pid()).flatMap(process -> process.info().command()).ifPresent(command -> System.out.println("runs " + command));
        } catch (FauxkaException error) {
            System.out.println(error.getMessage());
        }
    }
}
