// What AWS's signer for JavaScript makes of a key: arguments are region, key id, secret, session token.
import { readFileSync } from 'node:fs'
import signer from 'aws-msk-iam-sasl-signer-js'

const [region, accessKeyId, secretAccessKey, session] = process.argv.slice(2)
const name = 'aws-msk-iam-sasl-signer-js'
const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`))
for (const sessionToken of [undefined, session]) {
  const awsCredentialsProvider = async () => ({ accessKeyId, secretAccessKey, sessionToken })
  const { token } = await signer.generateAuthTokenFromCredentialsProvider({ region, awsCredentialsProvider })
  console.log(`${name}-${version} OAUTHBEARER ${token}`)
}
