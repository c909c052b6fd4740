import type { Control } from './control.js';
import { ControlError, ExpectationError } from './errors.js';
import { durationText } from './faults.js';
import type { Duration, JournalFilter, Row, RowOf } from './types.js';

export interface WaitOptions {
  /** How many rows. Default: 1. */
  count?: number;
  /** How long to wait, in real time. Default: 30 seconds. */
  timeout?: Duration;
}

/** Every request with its outcome, and every change of state. */
export class Journal {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** The rows that meet all conditions, oldest first; the latest 1,000 unless `limit` says otherwise. */
  async rows<const F extends JournalFilter & { limit?: number }>(filter?: F): Promise<RowOf<F>[]> {
    const { rows } = await this.#control.request('GET /v1/journal', { query: filter });
    return rows as RowOf<F>[];
  }

  /** The number of the latest row: give it as `after` to select only what happens from now on. */
  async last(): Promise<number> {
    return (await this.#control.request('GET /v1/journal', { query: { limit: 0 } })).last;
  }

  /** Waits until there are at least `count` such rows. Those that are there already count. */
  async wait<const F extends JournalFilter & WaitOptions>(filter: F): Promise<RowOf<F>[]> {
    const query = { ...filter, timeout: durationText(filter.timeout) };
    const { rows } = await this.#control.request('GET /v1/journal/wait', { query });
    return rows as RowOf<F>[];
  }

  /** Waits until there are `count` such rows, and throws unless there are exactly so many then. */
  async expect<const F extends JournalFilter & WaitOptions>(filter: F): Promise<RowOf<F>[]> {
    const { count = 1, timeout, ...conditions } = filter as JournalFilter & WaitOptions;
    const rows = await this.wait({ ...conditions, count, timeout }).catch((error: unknown) => {
      throw error instanceof ControlError && error.status === 408 ? new ExpectationError(error.message, { cause: error }) : error;
    });
    if (rows.length === count) return rows as RowOf<F>[];
    throw new ExpectationError(`${count} rows expected of ${JSON.stringify(conditions)}, and ${rows.length} found:\n${rows.map(rowText).join('\n')}`);
  }

  /** Forgets all rows. */
  clear(): Promise<void> {
    return this.#control.request('DELETE /v1/journal');
  }
}

function rowText(row: Row): string {
  return `  ${JSON.stringify(row)}`;
}
