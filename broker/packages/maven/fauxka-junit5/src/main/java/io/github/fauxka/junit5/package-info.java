/** Clusters for tests of JUnit Jupiter: see {@link io.github.fauxka.junit5.FauxkaCluster}. */
package io.github.fauxka.junit5;
