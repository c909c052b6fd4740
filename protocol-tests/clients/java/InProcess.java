import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.utils.Exit;

/** Runs the main methods of Kafka's tools one after another in this JVM, which starts slowly. */
final class InProcess {
    static final PrintStream STDOUT = System.out;
    static final PrintStream STDERR = System.err;
    private static final InputStream STDIN = System.in;
    private static final long DEADLINE_SECONDS = Long.getLong("deadline.seconds", 60);
    private static final Deque<Runnable> HOOKS = new ConcurrentLinkedDeque<>();

    interface Tool {
        void main(String[] args) throws Exception;
    }

    private InProcess() {}

    /** The exit status of the tool, which reads {@code input} and writes to {@code out} and {@code err}. */
    static int run(Tool tool, byte[] input, PrintStream out, PrintStream err, String... args) throws Exception {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.addFirst(hook));
        // The tools catch every Throwable, so an exception cannot leave them: the thread stops here for good.
        Exit.setExitProcedure((code, message) -> {
            status.complete(code);
            while (true) {
                LockSupport.park();
            }
        });
        System.setIn(new ByteArrayInputStream(input));
        System.setOut(out);
        System.setErr(err);
        try {
            Thread thread = new Thread(() -> {
                try {
                    tool.main(args);
                    status.complete(0);
                } catch (Throwable failure) {
                    failure.printStackTrace();
                    status.complete(1);
                }
            });
            thread.setDaemon(true);
            thread.start();
            int code = status.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            runHooks();
            return code;
        } finally {
            System.setIn(STDIN);
            System.setOut(STDOUT);
            System.setErr(STDERR);
        }
    }

    /** Does what the tool that runs, or has just ended, wants to be done before the JVM ends. */
    static void runHooks() {
        for (Runnable hook = HOOKS.poll(); hook != null; hook = HOOKS.poll()) {
            hook.run();
        }
    }
}
