#!/bin/sh
# The Debian packages that the client programs need beside the languages' toolchains: kcat itself, and what
# Confluent's client for Node.js is built against where its binary cannot be downloaded.
set -eu
missing=
for package in kcat libcurl4-openssl-dev libssl-dev libzstd-dev zlib1g-dev; do
  dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "please install:$missing" >&2; exit 0; }
apt-get update -q
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
