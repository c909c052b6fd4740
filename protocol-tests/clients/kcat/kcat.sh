#!/bin/sh
# kcat (librdkafka) under the contract of ../README.md. It has no admin API: the topic creates itself.
# Arguments before the sub-command go to kcat, such as -X enable.idempotence=true.
set -eu
extra=
while [ "$1" != roundtrip ]; do extra="$extra $1"; shift; done
shift
while [ $# -gt 0 ]; do
  case $1 in
    --bootstrap) bootstrap=$2 ;;
    --topic) topic=$2 ;;
    --input) input=$2 ;;
    --output) output=$2 ;;
    --codecs) codecs=$2 ;;
    *) echo "unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
for codec in $(echo "$codecs" | tr , ' '); do
  # shellcheck disable=SC2086 # $extra is a list of words
  kcat -P -b "$bootstrap" -t "$topic-$codec" -p 0 -z "$codec" $extra -l "$input"
  kcat -C -b "$bootstrap" -t "$topic-$codec" -p 0 -o beginning -e -q >"$output/$codec"
  echo "DONE $codec $(wc -l <"$output/$codec")"
done
