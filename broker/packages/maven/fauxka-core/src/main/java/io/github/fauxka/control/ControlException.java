package io.github.fauxka.control;

import io.github.fauxka.FauxkaException;

/** The control port refused a request. The message is its own, and says how to fix the request. */
public final class ControlException extends FauxkaException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String request;
    private final transient KafkaError kafka;

    ControlException(String message, int status, String request, KafkaError kafka) {
        super(message);
        this.status = status;
        this.request = request;
        this.kafka = kafka;
    }

    /** The HTTP status, such as 404. */
    public int status() {
        return status;
    }

    /** The request, such as {@code POST /v1/faults}. */
    public String request() {
        return request;
    }

    /** The error that a Kafka client gets for the same request; null if there is none. */
    public KafkaError kafka() {
        return kafka;
    }
}
