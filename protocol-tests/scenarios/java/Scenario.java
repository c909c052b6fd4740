import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a scenario is made of: applications in threads, promises, and the proof. */
final class Scenario {
    private static final List<Application<?>> STARTED = new ArrayList<>();

    private Scenario() {}

    /** What the application promises its users does not hold. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Broken(String otherwise) {
            super(otherwise);
        }
    }

    /** A scenario, which is given the application with the bug or the one without. */
    interface Script<A> {
        void run(Cluster cluster, A application) throws Exception;
    }

    /** The scenario's check: it must fail for the application with the bug, and hold for the one without. */
    static void promise(boolean holds, String otherwise) {
        if (!holds) {
            throw new Broken(otherwise);
        }
    }

    /** The promise that nothing is lost and nothing doubled. */
    static void onceEach(Collection<String> wanted, List<String> found, String what) {
        promise(found.containsAll(wanted), what + ": there are only " + found);
        promise(new HashSet<>(found).size() == found.size(), what + ": some are doubled in " + found);
    }

    /** What must hold for either application; all else is the scenario's own fault. */
    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** Polls, with a bound, for what no journal tells. */
    static void until(BooleanSupplier holds, String what) throws Exception {
        long deadline = System.nanoTime() + Cluster.PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            for (Application<?> one : STARTED) {
                if (!one.isAlive()) {
                    one.done();
                }
            }
            check(System.nanoTime() < deadline, "there is still not " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Records that are there for the application to read, in the topic's first partition. */
    static void write(Cluster cluster, String topic, List<String> values) throws Exception {
        write(cluster, topic, 0, values);
    }

    static void write(Cluster cluster, String topic, int partition, List<String> values) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", cluster.bootstrap, "client.id", "scenario", "linger.ms", 0);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
            }
        }
    }

    /** An application in a thread of its own. */
    static final class Application<T> extends Thread {
        private final FutureTask<T> task;

        private Application(FutureTask<T> task) {
            super(task);
            this.task = task;
            setDaemon(true);
        }

        /** What it returned, or its error. */
        T done() throws Exception {
            try {
                return task.get(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException error) {
                throw new IllegalStateException("the application failed", error.getCause());
            }
        }
    }

    static <T> Application<T> start(Callable<T> function) {
        Application<T> application = new Application<>(new FutureTask<>(function));
        STARTED.add(application);
        application.start();
        return application;
    }

    /** Runs the scenario with both applications, each on a new cluster: the promise must break with the first and hold with the second. */
    static <A> void prove(Script<A> script, A buggy, A fixed, String... options) {
        boolean isShown = false;
        try {
            String broken = broken(script, buggy, options);
            System.out.println("buggy: " + (broken == null ? "the promise holds" : broken));
            String alsoBroken = broken(script, fixed, options);
            System.out.println("fixed: " + (alsoBroken == null ? "the promise holds" : alsoBroken));
            isShown = broken != null && alsoBroken == null;
        } catch (Throwable failure) {
            failure.printStackTrace();
        }
        System.out.flush();
        // Clients whose scenario failed have threads that would go on.
        Runtime.getRuntime().halt(isShown ? 0 : 1);
    }

    private static <A> String broken(Script<A> script, A application, String... options) throws Exception {
        STARTED.clear();
        try (Cluster cluster = Cluster.start(options)) {
            try {
                script.run(cluster, application);
                return null;
            } catch (Broken error) {
                return error.getMessage();
            } finally {
                cluster.end();
                for (Application<?> one : STARTED) {
                    one.join(Cluster.PATIENCE.toMillis());
                }
            }
        }
    }
}
