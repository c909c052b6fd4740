#!/bin/sh
# kcat (librdkafka) reads a partition to its end, under the contract of ../README.md.
set -eu
shift
while [ $# -gt 0 ]; do
  case $1 in
    --bootstrap) bootstrap=$2 ;;
    --topic) topic=$2 ;;
    --isolation) isolation=$2 ;;
    *) echo "unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
exec kcat -C -b "$bootstrap" -t "$topic" -p 0 -o beginning -e -q -X isolation.level="$isolation"
