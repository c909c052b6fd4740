#!/bin/sh
# What AWS's published signers, and those of Kafka's clients, send to log in to MSK: one line each to standard output, the signer,
# the mechanism, and what is sent. The key is made up. Needs python3, node with npm, go, java with maven; CACHE is a folder for
# what is installed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${CACHE:-$here/../../target/signers}
mkdir -p "$cache"
region=us-east-1
id=AKIAEXAMPLEEXAMPLE00
secret=exampl3/Secret+Key/0123456789abcdefABCDEF
session=FwoGZXIvYXdzEXAMPLE//token+with/slashes==
broker=b-1.demo.a1b2c3.c2.kafka.us-east-1.amazonaws.com
export AWS_REGION=$region AWS_EC2_METADATA_DISABLED=true

python3 -m venv "$cache/python" >&2
"$cache/python/bin/pip" install -q --require-hashes --only-binary :all: -r "$here/../clients/python/requirements.txt" >&2
"$cache/python/bin/python" "$here/sign.py" $region $id $secret $session

mkdir -p "$cache/node"
cp "$here/sign.mjs" "$here/package.json" "$here/package-lock.json" "$cache/node/"
(cd "$cache/node" && npm ci --silent --no-audit --no-fund >&2 && node sign.mjs $region $id $secret $session)

(cd "$here/go" && go run . $region $id $secret $session $broker localhost)

jar=aws-msk-iam-auth
version=2.3.5
kafka=$here/../../target/oracle/libs
mvn -q dependency:copy -Dartifact=software.amazon.msk:$jar:$version:jar:all -DoutputDirectory="$cache/jvm" >&2
java -Dos.version=6 -cp "$cache/jvm/$jar-$version-all.jar:$kafka/*" "$here/Sign.java" $jar-$version $id $secret $session $broker localhost 2>/dev/null
