#!/bin/sh
# Runs a command with `--exit-code verdict` again and again until it decides.
#
# Usage: wait_for_verdict.sh SECONDS ROUNDS COMMAND...
# Ends with 0 for promote, 1 for roll back, 4 after so many rounds of hold, and otherwise with the
# command's own exit code, for example 2 for a wrong option.
set -u

seconds=$1
rounds=$2
shift 2

while [ "$rounds" -gt 0 ]; do
    "$@"
    code=$?
    case $code in
        0) exit 0 ;;
        3) exit 1 ;;
        4) rounds=$((rounds - 1)) ;;
        *) exit "$code" ;;
    esac
    [ "$rounds" -eq 0 ] || sleep "$seconds"
done
exit 4
