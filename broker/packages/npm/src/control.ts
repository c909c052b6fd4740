import * as http from 'node:http';
import { ClusterError, ControlError } from './errors.js';
import type { paths } from './generated.js';
import type { KafkaError } from './types.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A verb of the control port, such as `POST /v1/topics/{topic}/recreate`. */
export type Verb = {
  [P in keyof paths & string]: {
    [M in Method]: paths[P][M] extends undefined ? never : `${Uppercase<M>} ${P}`;
  }[Method];
}[keyof paths & string];

type Operation<V extends Verb> = V extends `${infer M} ${infer P extends keyof paths & string}` ? NonNullable<paths[P][Lowercase<M> & Method]> : never;

type Part<O, K extends 'path' | 'query'> = O extends { parameters: infer All } ? (K extends keyof All ? Exclude<All[K], undefined> : never) : never;

type Body<O> = O extends { requestBody: { content: infer C } } ? (C extends { 'application/json': infer J } ? J : Uint8Array) : never;

type Field<K extends string, T> = [T] extends [never] ? unknown : {} extends T ? { [P in K]?: T } : { [P in K]: T };

/** What a verb takes: the parameters of its path and query, and its body. */
export type Input<V extends Verb> = Field<'path', Part<Operation<V>, 'path'>> &
  Field<'query', Part<Operation<V>, 'query'>> &
  Field<'body', Body<Operation<V>>>;

type Content<R> = R extends { content: infer C }
  ? C extends { 'application/json': infer J }
    ? J
    : C extends { 'text/plain': infer T }
      ? T
      : Uint8Array
  : undefined;

type Good<R> = R extends { 200: infer A } ? A : R extends { 201: infer B } ? B : R extends { 204: infer C } ? C : never;

/** What a verb answers. */
export type Output<V extends Verb> = Operation<V> extends { responses: infer R } ? Content<Good<R>> : never;

/** The second argument may be left out if the verb needs nothing. */
export type Arguments<V extends Verb> = {} extends Input<V> ? [input?: Input<V>] : [input: Input<V>];

interface AnyInput {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** Speaks HTTP with a cluster. By node:http, since test environments replace or lack fetch. */
export class Control {
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(
    readonly url: string,
    private readonly token: string | undefined,
    /** How the cluster has ended, if it has. */
    private readonly failure: () => Promise<string | undefined>,
  ) {}

  async request<V extends Verb>(verb: V, ...[input]: Arguments<V>): Promise<Output<V>> {
    const [method, template] = verb.split(' ') as [string, string];
    const { path = {}, query = {}, body } = (input ?? {}) as AnyInput;
    const target = fill(template, path) + search(query);
    const answer = await this.#send(method, target, body).catch(async (error: Error) => {
      const why = (await this.failure()) ?? `is it stopped? (${error.message})`;
      throw new ClusterError(`the cluster's control port does not answer ${method} ${target}: ${why}`, { cause: error });
    });
    if (answer.status >= 400) throw refusal(answer, `${method} ${target}`);
    return content(answer) as Output<V>;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, target: string, body: unknown): Promise<Answer> {
    const bytes = body === undefined ? undefined : body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    const headers: http.OutgoingHttpHeaders = { 'content-length': bytes?.length ?? 0 };
    if (bytes) headers['content-type'] = bytes === body ? 'application/octet-stream' : 'application/json';
    if (this.token) headers['authorization'] = `Bearer ${this.token}`;
    const request = http.request(this.url + target, { method, headers, agent: this.#agent });
    return new Promise((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', bytes: Buffer.concat(chunks) });
        });
      });
      request.end(bytes);
    });
  }
}

interface Answer {
  status: number;
  type: string;
  bytes: Buffer;
}

function fill(template: string, path: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined || value === '') throw new TypeError(`${template} needs ${name}`);
    return encodeURIComponent(value);
  });
}

function search(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return given.length ? `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))}` : '';
}

function content({ status, type, bytes }: Answer): unknown {
  if (status === 204) return undefined;
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString());
  return type.startsWith('text/') || type.startsWith('application/jsonl') ? bytes.toString() : bytes;
}

function refusal({ status, bytes }: Answer, request: string): ControlError {
  const text = bytes.toString();
  let refused: { error?: string; kafka?: KafkaError | null } = {};
  try {
    refused = JSON.parse(text) as typeof refused;
  } catch {
    // A proxy's page, or nothing: its text is all there is.
  }
  return new ControlError(refused.error ?? (text || `status ${status}`), status, request, refused.kafka ?? undefined);
}
