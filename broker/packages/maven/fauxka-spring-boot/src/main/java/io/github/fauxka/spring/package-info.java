/** Clusters for tests of Spring Boot: see {@link io.github.fauxka.spring.AutoConfigureFauxka}. */
package io.github.fauxka.spring;
