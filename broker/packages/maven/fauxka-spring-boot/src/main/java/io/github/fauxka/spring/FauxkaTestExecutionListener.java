package io.github.fauxka.spring;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/** Verifies a context's cluster after each test, and resets it before the next. */
public final class FauxkaTestExecutionListener implements TestExecutionListener {
    /** Made by Spring. */
    public FauxkaTestExecutionListener() {
    }

    @Override
    public void beforeTestMethod(TestContext test) {
        ContextCluster cluster = cluster(test);
        if (cluster != null) {
            cluster.begin(test);
        }
    }

    @Override
    public void afterTestMethod(TestContext test) {
        ContextCluster cluster = cluster(test);
        if (cluster != null) {
            cluster.end(test, test.getTestException());
        }
    }

    private static ContextCluster cluster(TestContext test) {
        if (!test.hasApplicationContext()) {
            return null;
        }
        ApplicationContext context = test.getApplicationContext();
        return context.containsBean(ContextCluster.NAME) ? context.getBean(ContextCluster.NAME, ContextCluster.class) : null;
    }
}
