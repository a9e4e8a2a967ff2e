#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke batch is killed at random moments, again and again, and resumed: in the
# end every pair is acknowledged and the emulator has every one of them.
# Arguments: how often it is killed (20), the seed of the moments (1).
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

kills=${1:-20}
RANDOM=${2:-1}
emulator --no-quotas --db "$tmp/emulator.db"
expect 0 "$cli" api call CreateChannel '{"name":"one","authorized":true}'
arn=$(jq -r .channel.arn "$out")
pairs=$((kills * 30))
for ((n = 1; n <= pairs; n++)); do
    printf '%s,v%d,%d\n' "$arn" "$n" "$n"
done > rows.csv

killed=0
done_before=0
runs=0
while [ "$killed" -lt "$kills" ] && [ "$done_before" -lt "$pairs" ]; do
    "$cli" revoke batch rows.csv --job soak.job --lane both > "$out" 2> "$err" &
    pid=$!
    # Every fourth one within the time that it takes to load the rows.
    if [ $((runs % 4)) = 3 ]; then
        sleep "0.0$((RANDOM % 6))"
    else
        sleep "0.$((RANDOM % 5 + 1))$((RANDOM % 10))"
    fi
    kill -s KILL "$pid" 2> /dev/null || true
    code=0
    wait "$pid" 2> /dev/null || code=$?
    runs=$((runs + 1))
    [ "$code" = 137 ] || [ "$code" = 0 ] || die "run $runs: exit code $code"
    killed=$((killed + (code == 137 ? 1 : 0)))
    code=0
    "$cli" revoke status --job soak.job --json > "$out" 2> "$err" || code=$?
    if [ "$code" = 0 ]; then
        json .failed 0
        found=$(jq .acknowledged "$out")
        # What was acknowledged once stays so.
        [ "$found" -ge "$done_before" ] || die "run $runs: $found after $done_before"
        done_before=$found
    else
        # Killed before its rows were in.
        [ "$done_before" = 0 ] || die "run $runs: the job is lost"
    fi
done
expect 0 "$cli" revoke batch rows.csv --job soak.job --lane both
contains "$err" "$pairs acknowledged, 0 failed, 0 not done"

# The emulator has each pair with its version, and no other. It lets go of its
# database when it ends.
kill "${pids[0]}"
wait "${pids[0]}" 2> /dev/null || true
python3 - "$tmp/emulator.db" "$pairs" << 'PY'
import sqlite3
import sys

rows = sqlite3.connect(sys.argv[1]).execute("SELECT viewer, version FROM revocation")
want = {("v%d" % n, n) for n in range(1, int(sys.argv[2]) + 1)}
got = set(rows)
assert got == want, (len(got), sorted(want - got)[:5], sorted(got - want)[:5])
PY
# Sent twice is at most what was in flight when it was killed: 8 batches and 16
# single pairs. Each call is one line.
calls=$(grep -c 'SessionRevocation' "$tmp/emulator.log")
[ "$calls" -le $((pairs + kills * 24)) ] || die "$calls calls for $pairs pairs"
echo "$runs runs, $killed killed, $pairs pairs, $calls calls"
