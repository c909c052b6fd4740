// Logs in with a published client for Node.js and AWS's signer for JavaScript, produces one record and prints where it is. Arguments: the client,
// bootstrap servers, region, key id, secret, session token (empty for none).
'use strict'
const signer = require('aws-msk-iam-sasl-signer-js')

const [client, bootstrap, region, accessKeyId, secretAccessKey, session] = process.argv.slice(2)
const topic = 'logins'
const awsCredentialsProvider = async () => ({ accessKeyId, secretAccessKey, sessionToken: session || undefined })
const sign = () => signer.generateAuthTokenFromCredentialsProvider({ region, awsCredentialsProvider })

const producers = {
  kafkajs() {
    const { Kafka, logLevel } = require('kafkajs')
    const sasl = { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: (await sign()).token }) }
    const settings = { brokers: bootstrap.split(','), ssl: false, sasl, retry: { retries: 0 }, logLevel: logLevel.NOTHING }
    return new Kafka(settings).producer()
  },
  'confluent-javascript'() {
    const { Kafka, logLevel } = require('@confluentinc/kafka-javascript').KafkaJS
    const oauthBearerProvider = async () => {
      const { token, expiryTime } = await sign()
      return { value: token, principal: 'somebody', lifetime: expiryTime }
    }
    const kafkaJS = { brokers: bootstrap.split(','), ssl: false, sasl: { mechanism: 'oauthbearer', oauthBearerProvider }, logLevel: logLevel.NOTHING }
    return new Kafka({ kafkaJS }).producer({ 'message.timeout.ms': 10_000 })
  },
}

async function main() {
  const producer = producers[client]()
  await producer.connect()
  const [record] = await producer.send({ topic, messages: [{ value: client }] })
  console.log(record.baseOffset)
  await producer.disconnect()
}

setTimeout(() => process.exit(3), 20_000).unref()
main().catch((error) => {
  console.error(error)
  process.exit(1)
})
