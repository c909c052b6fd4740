package io.github.fauxka;

import io.github.fauxka.control.Api;
import io.github.fauxka.control.Rule;

/** How a fault rule begins. Import these statically, and those of {@link io.github.fauxka.control.Action}. */
public final class Faults {
    private Faults() {
    }

    /** A rule for requests of one of these APIs. */
    public static Rule.Builder on(Api... apis) {
        return Rule.builder().api(apis);
    }

    /** A rule for any request that names what the rule selects, or for bytes. */
    public static Rule.Builder onAnyRequest() {
        return Rule.builder();
    }
}
