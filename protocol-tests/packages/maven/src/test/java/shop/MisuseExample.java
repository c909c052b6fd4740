package shop;

import io.github.fauxka.Fauxka;
import io.github.fauxka.junit5.FauxkaCluster;
import io.github.fauxka.junit5.Scope;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What the extension refuses: Maven runs it only if it is named. */
class MisuseExample {
    @Nested
    @FauxkaCluster(scope = Scope.CLASS)
    @Execution(ExecutionMode.CONCURRENT)
    class SharedInParallel {
        private static final CountDownLatch TWO = new CountDownLatch(2);

        @RepeatedTest(2)
        void isRefused(Fauxka cluster) throws InterruptedException {
            TWO.countDown();
            TWO.await(2, TimeUnit.SECONDS);
        }
    }

    @Test
    @FauxkaCluster(scope = Scope.CLASS)
    void sharedByAMethod(Fauxka cluster) {
        throw new IllegalStateException("it was not refused");
    }

    @Test
    @FauxkaCluster(config = "offsets.retention.minutes")
    void settingWithoutValue(Fauxka cluster) {
        throw new IllegalStateException("it was not refused");
    }

    @Nested
    @FauxkaCluster
    class OfATestInBeforeAll {
        @BeforeAll
        static void begins(Fauxka cluster) {
            throw new IllegalStateException("it was not refused");
        }

        @Test
        void none() {
        }
    }
}
