package io.github.fauxka.control;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A key or value: bytes, which are often text. */
public final class Data {
    private final byte[] bytes;

    private Data(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Text, in UTF-8. */
    public static Data text(String text) {
        return new Data(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Any bytes. */
    public static Data bytes(byte[] bytes) {
        return new Data(bytes.clone());
    }

    /** The bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The bytes as text in UTF-8. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Data data && Arrays.equals(bytes, data.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The text. */
    @Override
    public String toString() {
        return text();
    }
}
