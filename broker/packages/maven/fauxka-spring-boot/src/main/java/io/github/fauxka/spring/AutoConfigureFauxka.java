package io.github.fauxka.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A cluster for the application context of a {@code @SpringBootTest}, which needs no property: {@code spring.kafka.bootstrap-servers} and
 * its like for consumers, producers, admin clients and streams lead to it. It is a bean, too.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureFauxka(topics = "orders")
 * class OrdersTest {
 *     @Autowired Fauxka cluster;
 * }
 * }</pre>
 *
 * <p>It lives as long as the context, which Spring keeps for all test classes with the same configuration. It is verified after each test:
 * the test fails if a fault rule has not acted as often as it was expected to. If it fails, the cluster's report goes with the failure.
 * Before the next test it is reset.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface AutoConfigureFauxka {
    /** The number of nodes. */
    int nodes() default 1;

    /** Topics that exist from the start: {@code orders}, {@code orders:24}, or {@code orders:24:3} for 3 replicas. */
    String[] topics() default {};

    /** Whether time stands still until the test moves it. */
    boolean manualClock() default false;

    /** What chance is drawn from, to run a test again as it was. Drawn by chance by default. */
    long[] seed() default {};

    /** Settings of the brokers: {@code group.initial.rebalance.delay.ms=0}. */
    String[] config() default {};

    /** A file in TOML that describes the cluster, from the working directory. */
    String file() default "";

    /** More arguments for the program; {@code fauxka --help} lists them. */
    String[] arguments() default {};

    /**
     * Whether the cluster is reset between tests. What the context has done at its start is gone then, such as topics of {@code NewTopic}
     * beans: name them in {@code topics}. Without a reset, tests see what those before have done, and their fault rules.
     */
    boolean reset() default true;
}
