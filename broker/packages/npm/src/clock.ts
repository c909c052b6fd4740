import type { Control } from './control.js';
import { durationText } from './faults.js';
import type { Advanced, ClockView, Duration } from './types.js';

/** Who sends no heartbeats while the clock moves. */
export interface AdvanceOptions {
  /** Clients whose sessions are to run out, by client id. All others that are connected keep theirs. */
  silent?: string[];
}

/** The cluster's time. Start it with `clock: 'manual'` to move it. */
export class Clock {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** The time, and what is due. */
  show(): Promise<ClockView> {
    return this.#control.request('GET /v1/clock');
  }

  /** Moves the clock. Returns once everything that was due on the way has happened. */
  advance(by: Duration, options: AdvanceOptions = {}): Promise<Advanced> {
    return this.#control.request('POST /v1/clock/advance', { body: { by: durationText(by)!, ...options } });
  }

  /** Moves the clock to the next moment at which something is due. */
  advanceToNext(options: AdvanceOptions = {}): Promise<Advanced> {
    return this.#control.request('POST /v1/clock/advance', { body: { to: 'next', ...options } });
  }
}
