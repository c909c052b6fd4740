package io.github.fauxka.junit5;

import io.github.fauxka.Fauxka;
import io.github.fauxka.FauxkaBuilder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * The annotation that counts.
 *
 * @param annotation the annotation; null if the extension was registered without one
 * @param declaring the class that has it; null if a method or parameter has it
 */
record Declaration(FauxkaCluster annotation, Class<?> declaring) {
    /** The one of the test, or of its class, or of a class around it. */
    static Declaration of(ExtensionContext context) {
        Optional<FauxkaCluster> ofMethod = context.getTestMethod().flatMap(method -> AnnotationSupport.findAnnotation(method, FauxkaCluster.class));
        if (ofMethod.isPresent()) {
            return ofTest(ofMethod.get());
        }
        for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
            Optional<FauxkaCluster> ofClass = AnnotationSupport.findAnnotation(type, FauxkaCluster.class);
            if (ofClass.isPresent()) {
                return new Declaration(ofClass.get(), type);
            }
        }
        return new Declaration(null, null);
    }

    static Declaration ofParameter(FauxkaCluster annotation) {
        return ofTest(annotation);
    }

    private static Declaration ofTest(FauxkaCluster annotation) {
        if (annotation.scope() == Scope.CLASS) {
            throw new ExtensionConfigurationException("@FauxkaCluster(scope = Scope.CLASS) belongs on a class, not on a method or parameter");
        }
        return new Declaration(annotation, null);
    }

    boolean isShared() {
        return annotation != null && annotation.scope() == Scope.CLASS;
    }

    /** The context of the class that has the annotation. */
    ExtensionContext owner(ExtensionContext context) {
        for (ExtensionContext found = context; found != null; found = found.getParent().orElse(null)) {
            if (found.getTestMethod().isEmpty() && found.getTestClass().filter(declaring::equals).isPresent()) {
                return found;
            }
        }
        throw new IllegalStateException("no context for " + declaring);
    }

    FauxkaBuilder builder() {
        FauxkaBuilder builder = Fauxka.builder();
        if (annotation == null) {
            return builder;
        }
        builder.nodes(annotation.nodes());
        Arrays.stream(annotation.topics()).forEach(builder::topic);
        Arrays.stream(annotation.seed()).forEach(builder::seed);
        if (annotation.manualClock()) {
            builder.manualClock();
        }
        for (String setting : annotation.config()) {
            int at = setting.indexOf('=');
            if (at < 1) {
                throw new ExtensionConfigurationException("\"" + setting + "\" is no setting: write config = \"name=value\"");
            }
            builder.config(setting.substring(0, at), setting.substring(at + 1));
        }
        if (!annotation.file().isEmpty()) {
            builder.file(Path.of(annotation.file()));
        }
        return builder.arguments(annotation.arguments());
    }
}
