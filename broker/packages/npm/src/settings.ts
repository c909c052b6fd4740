/**
 * What client libraries need to reach the cluster, in the shape that each takes. There is nothing but the address in it: any other setting
 * would change what your test finds out about your own.
 */
export class Settings {
  readonly #brokers: string[];

  constructor(brokers: string[]) {
    this.#brokers = brokers;
  }

  /** For kafkajs: `new Kafka({ ...cluster.settings.kafkajs })`. */
  get kafkajs(): { brokers: string[] } {
    return { brokers: [...this.#brokers] };
  }

  /** For @confluentinc/kafka-javascript, its own interface and node-rdkafka's: `new Kafka().producer({ ...cluster.settings.confluent })`. */
  get confluent(): { 'bootstrap.servers': string } {
    return { 'bootstrap.servers': this.#brokers.join(',') };
  }

  /** For @confluentinc/kafka-javascript in the way of kafkajs: `new Kafka({ kafkaJS: { ...cluster.settings.confluentKafkaJS } })`. */
  get confluentKafkaJS(): { brokers: string[] } {
    return { brokers: [...this.#brokers] };
  }

  /** For @platformatic/kafka: `new Producer({ clientId: 'orders', ...cluster.settings.platformatic })`. */
  get platformatic(): { bootstrapBrokers: string[] } {
    return { bootstrapBrokers: [...this.#brokers] };
  }

  /** For NestJS, the options of its Kafka transport: `{ transport: Transport.KAFKA, options: { ...cluster.settings.nestjs } }`. */
  get nestjs(): { client: { brokers: string[] } } {
    return { client: { brokers: [...this.#brokers] } };
  }
}
