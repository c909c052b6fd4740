package io.github.fauxka.control;

import java.util.Objects;

/** One of several things, told apart by a word, with or without a value. */
public abstract class Tagged {
    private final String tag;
    private final Object value;

    Tagged(String tag, Object value) {
        this.tag = tag;
        this.value = value;
    }

    /** The word, such as {@code disconnect}. */
    public final String tag() {
        return tag;
    }

    /** What goes with the word, such as an error; null if it stands alone. */
    public final Object value() {
        return value;
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && getClass() == other.getClass() && tag.equals(((Tagged) other).tag)
                && Objects.equals(value, ((Tagged) other).value);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(getClass(), tag, value);
    }

    @Override
    public final String toString() {
        return Json.text(this);
    }
}
