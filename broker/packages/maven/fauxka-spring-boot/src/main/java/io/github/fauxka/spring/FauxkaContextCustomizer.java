package io.github.fauxka.spring;

import io.github.fauxka.Fauxka;
import io.github.fauxka.FauxkaBuilder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Starts a cluster for a context. Contexts are the same for Spring if their annotations are.
 *
 * @param annotation what the cluster is to be
 */
record FauxkaContextCustomizer(AutoConfigureFauxka annotation) implements ContextCustomizer {
    /** An application may have an address for each kind of client: a test must not reach any but ours. */
    private static final List<String> PROPERTIES = List.of("spring.kafka.bootstrap-servers", "spring.kafka.admin.bootstrap-servers",
            "spring.kafka.consumer.bootstrap-servers", "spring.kafka.producer.bootstrap-servers", "spring.kafka.streams.bootstrap-servers");

    @Override
    public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
        if (!(context.getBeanFactory() instanceof DefaultListableBeanFactory beans)) {
            throw new IllegalStateException("@AutoConfigureFauxka needs a context with a DefaultListableBeanFactory, and this one has "
                    + context.getBeanFactory().getClass().getName());
        }
        Fauxka cluster = builder().start();
        beans.registerSingleton("fauxka", cluster);
        beans.registerSingleton(ContextCluster.NAME, new ContextCluster(cluster, annotation.reset()));
        beans.registerDisposableBean("fauxka", cluster::close);
        Map<String, Object> properties = new LinkedHashMap<>();
        PROPERTIES.forEach(name -> properties.put(name, cluster.bootstrapServers()));
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("fauxka", properties));
    }

    private FauxkaBuilder builder() {
        FauxkaBuilder builder = Fauxka.builder().nodes(annotation.nodes());
        Arrays.stream(annotation.topics()).forEach(builder::topic);
        Arrays.stream(annotation.seed()).forEach(builder::seed);
        if (annotation.manualClock()) {
            builder.manualClock();
        }
        Arrays.stream(annotation.config()).forEach(setting -> builder.arguments("--config", setting));
        if (!annotation.file().isEmpty()) {
            builder.file(Path.of(annotation.file()));
        }
        return builder.arguments(annotation.arguments());
    }
}
