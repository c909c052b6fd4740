package io.github.fauxka.spring;

import java.util.List;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;

/** Finds {@link AutoConfigureFauxka} on a test class, or on one around it. */
public final class FauxkaContextCustomizerFactory implements ContextCustomizerFactory {
    /** Made by Spring. */
    public FauxkaContextCustomizerFactory() {
    }

    @Override
    public ContextCustomizer createContextCustomizer(Class<?> testClass, List<ContextConfigurationAttributes> attributes) {
        AutoConfigureFauxka found = TestContextAnnotationUtils.findMergedAnnotation(testClass, AutoConfigureFauxka.class);
        return found == null ? null : new FauxkaContextCustomizer(found);
    }
}
