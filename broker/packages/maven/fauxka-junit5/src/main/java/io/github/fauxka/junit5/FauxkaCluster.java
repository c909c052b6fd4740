package io.github.fauxka.junit5;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster for each test, as a parameter of type {@link io.github.fauxka.Fauxka}.
 *
 * <pre>{@code
 * @FauxkaCluster(topics = "orders:24")
 * class OrdersTest {
 *     @Test
 *     void places(Fauxka cluster) { … }
 * }
 * }</pre>
 *
 * <p>On a class it is for all its tests and for nested classes; on a method for this test instead of the class's; on a parameter for this
 * parameter alone, so that a test can have several clusters. {@code @BeforeEach} and {@code @AfterEach} methods get the test's cluster.
 *
 * <p>At the end of a test it fails if a fault rule has not acted as often as it was expected to. If it fails, for this or any other
 * reason, the cluster's report goes with the failure.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@ExtendWith(FauxkaExtension.class)
public @interface FauxkaCluster {
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

    /** How long the cluster lives. */
    Scope scope() default Scope.TEST;
}
