/**
 * An emulator of an Apache Kafka cluster for tests: {@link io.github.fauxka.Fauxka} is a running one.
 *
 * <p>Nothing here throws checked exceptions.
 */
package io.github.fauxka;
