import type { Control } from './control.js';
import type { components } from './generated.js';
import type { Duration, FaultRule, FaultView } from './types.js';

/** A mounted fault rule. */
export class Fault {
  readonly #control: Control;
  /** The rule's number. */
  readonly id: number;
  /** The rule as the cluster has it. */
  readonly rule: FaultView['rule'];

  constructor(control: Control, view: FaultView) {
    this.#control = control;
    this.id = view.id;
    this.rule = view.rule;
  }

  get #path() {
    return { rule: String(this.id) };
  }

  /** What has become of the rule: whether it still acts, and how often it has. */
  show(): Promise<FaultView> {
    return this.#control.request('GET /v1/faults/{rule}', { path: this.#path });
  }

  /** How often the rule has acted. */
  async hits(): Promise<number> {
    return (await this.show()).hits;
  }

  /** Waits until the rule has acted as often as it expects, once, or `hits` times. Default time-out: 30 seconds. */
  wait(options: { hits?: number; timeout?: Duration } = {}): Promise<FaultView> {
    const query = { hits: options.hits, timeout: durationText(options.timeout) };
    return this.#control.request('GET /v1/faults/{rule}/wait', { path: this.#path, query });
  }

  /** Ends the rule. What it holds back goes on, in the order in which it came. Its expectation still counts. */
  release(): Promise<FaultView> {
    return this.#control.request('POST /v1/faults/{rule}/release', { path: this.#path });
  }

  /** Ends the rule and forgets what it expected. */
  remove(): Promise<void> {
    return this.#control.request('DELETE /v1/faults/{rule}', { path: this.#path });
  }
}

/** The fault rules of a cluster. */
export class Faults {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Mounts a rule; it comes after those that are there. */
  async mount(rule: FaultRule): Promise<Fault> {
    const view = await this.#control.request('POST /v1/faults', { body: wireRule(rule) });
    return new Fault(this.#control, view);
  }

  /** All rules, in the order in which they were mounted. */
  list(): Promise<FaultView[]> {
    return this.#control.request('GET /v1/faults');
  }

  /** The rule of that name or number, such as one from the cluster's file. */
  async find(rule: string | number): Promise<Fault> {
    return new Fault(this.#control, await this.#control.request('GET /v1/faults/{rule}', { path: { rule: String(rule) } }));
  }

  /** Ends all rules. What they hold back goes on; their expectations still count. */
  heal(): Promise<void> {
    return this.#control.request('DELETE /v1/faults');
  }
}

export function durationText(duration: Duration | undefined): string | undefined {
  return typeof duration === 'number' ? `${duration}ms` : duration;
}

function wireRule({ before, after, ...rule }: FaultRule): components['schemas']['Rule'] {
  if (before !== undefined && rule.before_apply !== undefined) throw new TypeError('before and before_apply are the same: give one');
  if (after !== undefined && rule.after_apply !== undefined) throw new TypeError('after and after_apply are the same: give one');
  return { ...rule, before_apply: before ?? rule.before_apply, after_apply: after ?? rule.after_apply };
}
