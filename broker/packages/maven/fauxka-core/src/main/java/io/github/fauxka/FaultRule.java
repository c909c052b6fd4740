package io.github.fauxka;

import io.github.fauxka.control.ControlException;
import io.github.fauxka.control.Delay;
import io.github.fauxka.control.FaultView;
import io.github.fauxka.control.FaultsOperations;
import io.github.fauxka.control.WaitForFaultQuery;
import java.time.Duration;

/** A mounted fault rule. */
public final class FaultRule {
    private final FaultsOperations faults;
    private final String id;

    FaultRule(FaultsOperations faults, FaultView mounted) {
        this.faults = faults;
        id = String.valueOf(mounted.id());
    }

    /** Its number. */
    public long id() {
        return Long.parseLong(id);
    }

    /** How it is now. */
    public FaultView view() {
        return faults.getFault(id);
    }

    /** How often it has acted. */
    public long hits() {
        return view().hits();
    }

    /** How many requests it has selected. */
    public long matches() {
        return view().matches();
    }

    /** Waits until it has acted as often as it is expected to, or once; half a minute at most. */
    public FaultView await() {
        return waited(WaitForFaultQuery.builder());
    }

    /** Waits until it has acted so often. */
    public FaultView await(long hits, Duration timeout) {
        return waited(WaitForFaultQuery.builder().hits(hits).timeout(Delay.text(timeout)));
    }

    private FaultView waited(WaitForFaultQuery.Builder query) {
        try {
            return faults.waitForFault(id, query.build());
        } catch (ControlException error) {
            throw Waits.unmet(error);
        }
    }

    /** Ends it. Requests and answers that it keeps go on. What it was expected to do still counts. */
    public FaultView release() {
        return faults.releaseFault(id);
    }

    /** Ends it, and forgets what it was expected to do. */
    public void remove() {
        faults.removeFault(id);
    }
}
