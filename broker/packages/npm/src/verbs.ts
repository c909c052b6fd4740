// The parts of a cluster, in calls with arguments. `cluster.request` has all other verbs.
import type { Control } from './control.js';
import type { GroupView, GroupWithCommits, NewNode, NewOffset, NewTopic, NodeState, SnapshotView, TopicChanges, TopicView, TransactionView } from './types.js';

abstract class Part {
  protected readonly control: Control;

  constructor(control: Control) {
    this.control = control;
  }
}

export class Topics extends Part {
  /** Creates a topic: its name, or all that there is to say. */
  create(topic: string | NewTopic): Promise<TopicView> {
    return this.control.request('POST /v1/topics', { body: typeof topic === 'string' ? { name: topic } : topic });
  }

  /** The topics with their partitions. */
  list(): Promise<TopicView[]> {
    return this.control.request('GET /v1/topics');
  }

  show(topic: string): Promise<TopicView> {
    return this.control.request('GET /v1/topics/{topic}', { path: { topic } });
  }

  /** Adds partitions, or changes configs. */
  alter(topic: string, changes: TopicChanges): Promise<TopicView> {
    return this.control.request('PATCH /v1/topics/{topic}', { path: { topic }, body: changes });
  }

  delete(topic: string): Promise<void> {
    return this.control.request('DELETE /v1/topics/{topic}', { path: { topic } });
  }
}

export class Groups extends Part {
  /** The groups with their members, offsets and lag. */
  list(): Promise<GroupView[]> {
    return this.control.request('GET /v1/groups');
  }

  /** A group with its members, offsets, lag and latest commits. */
  show(group: string): Promise<GroupWithCommits> {
    return this.control.request('GET /v1/groups/{group}', { path: { group } });
  }

  /** Removes a member, by its id or instance id, as if its session had timed out. */
  evict(group: string, member: string): Promise<void> {
    return this.control.request('POST /v1/groups/{group}/evict', { path: { group }, body: { member } });
  }

  /** Starts a rebalance. */
  rebalance(group: string): Promise<void> {
    return this.control.request('POST /v1/groups/{group}/rebalance', { path: { group } });
  }

  /** Commits offsets for a group without members, and creates it if need be. */
  commit(group: string, offsets: NewOffset[]): Promise<void> {
    return this.control.request('POST /v1/groups/{group}/offsets', { path: { group }, body: { offsets } });
  }
}

export class Nodes extends Part {
  /** Stops a node: its connections break, and others lead its partitions. */
  stop(node: number): Promise<NodeState> {
    return this.control.request('POST /v1/nodes/{id}/stop', { path: { id: node } });
  }

  start(node: number): Promise<NodeState> {
    return this.control.request('POST /v1/nodes/{id}/start', { path: { id: node } });
  }

  /** Has a node answer nothing until it resumes; its connections stay open. */
  pause(node: number): Promise<void> {
    return this.control.request('POST /v1/nodes/{id}/pause', { path: { id: node } });
  }

  resume(node: number): Promise<void> {
    return this.control.request('POST /v1/nodes/{id}/resume', { path: { id: node } });
  }

  /** Adds a node, and returns its id. */
  async add(node: NewNode = {}): Promise<number> {
    return (await this.control.request('POST /v1/nodes', { body: node })).id;
  }

  remove(node: number): Promise<void> {
    return this.control.request('DELETE /v1/nodes/{id}', { path: { id: node } });
  }

  /** Restarts all nodes, one after another. */
  restart(): Promise<void> {
    return this.control.request('POST /v1/nodes/rolling-restart');
  }
}

export class Transactions extends Part {
  /** The transactional ids with their latest transactions. */
  list(): Promise<TransactionView[]> {
    return this.control.request('GET /v1/transactions');
  }

  show(id: string): Promise<TransactionView> {
    return this.control.request('GET /v1/transactions/{id}', { path: { id } });
  }

  /** Fences the id's producer, as if another one had started. */
  fence(id: string): Promise<void> {
    return this.control.request('POST /v1/transactions/{id}/fence', { path: { id } });
  }
}

export class Snapshots extends Part {
  list(): Promise<SnapshotView[]> {
    return this.control.request('GET /v1/snapshots');
  }

  /** Keeps what the cluster is now under a name. */
  take(name: string): Promise<SnapshotView> {
    return this.control.request('POST /v1/snapshots/{name}', { path: { name } });
  }

  /** Makes the cluster what it was then. */
  restore(name: string): Promise<void> {
    return this.control.request('POST /v1/snapshots/{name}/restore', { path: { name } });
  }

  forget(name: string): Promise<void> {
    return this.control.request('DELETE /v1/snapshots/{name}', { path: { name } });
  }
}
