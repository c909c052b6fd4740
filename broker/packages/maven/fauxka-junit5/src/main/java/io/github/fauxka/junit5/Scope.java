package io.github.fauxka.junit5;

/** How long a cluster lives. */
public enum Scope {
    /** For one test. */
    TEST,
    /** For all tests of the annotated class and of the classes nested in it, which run one after the other. It is reset before each. */
    CLASS
}
