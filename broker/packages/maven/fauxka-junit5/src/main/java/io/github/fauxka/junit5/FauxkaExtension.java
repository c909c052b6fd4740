package io.github.fauxka.junit5;

import io.github.fauxka.Fauxka;
import io.github.fauxka.Teardown;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/** Starts, verifies, resets and stops the clusters of {@link FauxkaCluster}, which registers it. */
public final class FauxkaExtension implements BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(FauxkaExtension.class);

    /** Made by JUnit. */
    public FauxkaExtension() {
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Declaration declared = Declaration.of(context);
        if (declared.isShared()) {
            shared(declared, context).begin(context.getUniqueId());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Fauxka.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        FauxkaCluster own = parameter.findAnnotation(FauxkaCluster.class).orElse(null);
        Declaration declared = own == null ? Declaration.of(context) : Declaration.ofParameter(own);
        if (declared.isShared()) {
            return shared(declared, context).cluster();
        }
        if (context.getTestMethod().isEmpty()) {
            throw new ParameterResolutionException("a cluster that lives for one test is a parameter of the test, of @BeforeEach or of"
                    + " @AfterEach; for " + parameter.getDeclaringExecutable().getName() + " annotate the class with"
                    + " @FauxkaCluster(scope = Scope.CLASS)");
        }
        String name = own == null ? "the test's cluster" : "parameter " + parameter.getParameter().getName();
        String key = own == null ? name : parameter.getDeclaringExecutable() + " " + parameter.getIndex();
        return ofTest(context).get(key, name, declared);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Declaration declared = Declaration.of(context);
        var clusters = new LinkedHashMap<String, Fauxka>();
        SharedCluster shared = declared.isShared() ? shared(declared, context) : null;
        if (shared != null && shared.isUsedBy(context.getUniqueId())) {
            clusters.put("the class's cluster", shared.cluster());
        }
        TestClusters own = ofTest(context);
        clusters.putAll(own.byName());
        try {
            verify(clusters, context.getExecutionException().orElse(null));
        } finally {
            own.close();
            if (shared != null) {
                shared.end(context.getUniqueId());
            }
        }
    }

    private static void verify(Map<String, Fauxka> clusters, Throwable failure) {
        // A test that has not run to its end, since an assumption is wrong, has nothing to verify.
        if (!(failure instanceof TestAbortedException)) {
            Teardown.verify(clusters, failure);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        var shared = context.getStore(NAMESPACE).remove(SharedCluster.class + context.getUniqueId(), SharedCluster.class);
        if (shared != null) {
            shared.close();
        }
    }

    private static TestClusters ofTest(ExtensionContext context) {
        // A store looks into those of the contexts above, too: the id keeps them apart.
        return context.getStore(NAMESPACE).getOrComputeIfAbsent(TestClusters.class + context.getUniqueId(), key -> new TestClusters(), TestClusters.class);
    }

    private static SharedCluster shared(Declaration declared, ExtensionContext context) {
        ExtensionContext owner = declared.owner(context);
        return owner.getStore(NAMESPACE).getOrComputeIfAbsent(SharedCluster.class + owner.getUniqueId(),
                key -> new SharedCluster(declared.builder()), SharedCluster.class);
    }
}
