package io.github.fauxka;

import io.github.fauxka.control.Api;
import io.github.fauxka.control.ControlException;
import io.github.fauxka.control.Delay;
import io.github.fauxka.control.GetJournalQuery;
import io.github.fauxka.control.JournalOperations;
import io.github.fauxka.control.Row;
import io.github.fauxka.control.WaitForJournalQuery;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What has happened: requests with their outcomes, and changes of state.
 *
 * <pre>{@code cluster.journal().expect(3, row -> row.api(Api.OFFSET_COMMIT).group("billing"))}</pre>
 */
public final class Journal {
    private final JournalOperations journal;

    Journal(JournalOperations journal) {
        this.journal = journal;
    }

    /** The latest rows, oldest first; 1000 at most. */
    public List<Row> rows() {
        return rows(row -> { });
    }

    /** The latest rows that meet all conditions, oldest first; 1000 at most unless {@code limit} says otherwise. */
    public List<Row> rows(Consumer<GetJournalQuery.Builder> conditions) {
        var query = GetJournalQuery.builder();
        conditions.accept(query);
        return journal.getJournal(query.build()).rows();
    }

    /** Waits until so many rows meet all conditions, half a minute at most unless {@code timeout} says otherwise. Rows that are there already count. */
    public List<Row> await(int count, Consumer<WaitForJournalQuery.Builder> conditions) {
        var query = WaitForJournalQuery.builder().count(count);
        conditions.accept(query);
        try {
            return journal.waitForJournal(query.build()).rows();
        } catch (ControlException error) {
            throw Waits.unmet(error);
        }
    }

    /** Waits as {@link #await(int, Consumer)} does, for so long. */
    public List<Row> await(int count, Duration timeout, Consumer<WaitForJournalQuery.Builder> conditions) {
        return await(count, conditions.andThen(query -> query.timeout(Delay.text(timeout))));
    }

    /** Waits for so many requests of an API, and fails unless there are exactly so many then. */
    public List<Row> expect(Api api, int count) {
        return expect(count, row -> row.api(api));
    }

    /** Waits for so many rows that meet all conditions, and fails unless there are exactly so many then. */
    public List<Row> expect(int count, Consumer<WaitForJournalQuery.Builder> conditions) {
        List<Row> rows = await(count, conditions);
        if (rows.size() != count) {
            throw new ExpectationError(count + " rows expected, and " + rows.size() + " found:\n"
                    + rows.stream().map(row -> "  " + row).collect(Collectors.joining("\n")));
        }
        return rows;
    }

    /** Forgets all rows. */
    public void clear() {
        journal.clearJournal();
    }
}
