import type { KafkaError } from './types.js';

/** The cluster could not be started, or has ended by itself. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** The control port refused a request. The message is its own, and says how to mend the request. */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    message: string,
    /** The HTTP status. */
    readonly status: number,
    /** The request, such as `POST /v1/faults`. */
    readonly request: string,
    /** The error that a Kafka client gets for the same request, if there is one. */
    readonly kafka: KafkaError | undefined,
  ) {
    super(message);
  }
}

/** Something that a test expected of the cluster has not happened. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
}
