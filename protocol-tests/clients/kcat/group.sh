#!/bin/sh
# kcat's balanced consumer (librdkafka) under the contract of ../README.md. SIGTERM goes to the whole process group: this
# shell outlives it, because kcat still has lines to say.
set -eu
trap : TERM
shift
extra=
while [ $# -gt 0 ]; do
  case $1 in
    --bootstrap) bootstrap=$2 ;;
    --topic) topic=$2 ;;
    --group) group=$2 ;;
    --member) member=$2 ;;
    --mode) [ "$2" = eager ] || extra="-X partition.assignment.strategy=$2" ;;
    --session-ms) session=$2 ;;
    *) echo "unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
# It says on standard error "% Group NAME rebalanced (memberid ID): assigned: TOPIC [0], TOPIC [1]", and when it is
# cooperative "% Group NAME rebalanced: incremental assignment of 2 partition(s) (memberid ID, ...): TOPIC [0], TOPIC [1]".
# shellcheck disable=SC2086 # $extra is a list of words
kcat -G "$group" -b "$bootstrap" -X session.timeout.ms="$session" -X auto.offset.reset=earliest $extra \
  -u -f 'GOT %p %o %s\n' "$topic" 2>&1 | {
  trap '' TERM
  set -f
  while read -r line; do
    case $line in
      GOT*) echo "$member $line"; continue ;;
      *"): assigned:"* | *"incremental assignment"*) word=GAINED ;;
      *"): revoked:"* | *"incremental revoke"*) word=LOST ;;
      *) echo "$line" >&2; continue ;;
    esac
    echo "$line" >&2
    # Every second word of TOPIC [0], TOPIC [1] is a number.
    IFS='[]'
    # shellcheck disable=SC2086 # it shall be split
    set -- ${line##*:}
    unset IFS
    partitions=
    while [ $# -gt 1 ]; do
      partitions=$partitions${partitions:+,}$2
      shift 2
    done
    echo "$member $word $partitions"
  done
}
