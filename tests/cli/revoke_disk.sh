#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke_disk.sh PRELOAD: the disk under a job fails at each call in turn, or
# loses its power with what was not synced: nothing is sent twice by one run, no
# more than was in flight once it fails, and nothing that was acknowledged is lost.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

preload=$1
credentials
export AWS_REGION=us-west-2
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
# rows COUNT: rows.csv of so many
rows()
{
    local n

    count=$1
    for ((n = 1; n <= count; n++)); do
        printf '%s,v%d,%d\n' "$arn" "$n" "$n"
    done > rows.csv
}
rows 4
: > got.log
start recorder python3 "$here/answer.py" record "$PWD/got.log"
url=$(head -n 1 "$tmp/recorder.ready")
batch=("$cli" revoke batch rows.csv --job d.job --lane single --endpoint-url "$url")

# acknowledged: how many pairs the job has so; 0 without one
acknowledged()
{
    local code=0

    "$cli" revoke status --job d.job --json > "$out" 2> "$err" || code=$?
    case $code in
    0) jq .acknowledged "$out" ;;
    1)
        grep -qE 'No such file|is empty' "$err" || die 'the job is lost'
        echo 0
        ;;
    *) die "revoke status: exit code $code" ;;
    esac
}

# goes_on WHAT: what the job has kept is not sent again, the rest is
goes_on()
{
    local kept before calls

    kept=$(acknowledged)
    before=$(wc -l < got.log)
    # However many were in flight: none of them twice.
    [ "$before" -ge "$kept" ] || die "$1: $before calls, $kept kept"
    [ "$(sort -u got.log | wc -l)" = "$before" ] || die "$1: a pair was sent twice"
    expect 0 "${batch[@]}"
    contains "$err" "$count acknowledged, 0 failed, 0 not done"
    calls=$(($(wc -l < got.log) - before))
    [ "$calls" = $((count - kept)) ] || die "$1: $calls calls after $kept were kept"
}

# each_call CALL ERROR TEXT STEP: from each STEP-th call on, all of them fail
each_call()
{
    local n code tried=0

    for ((n = 1; n < 1000; n += $4)); do
        rm -f d.job*
        : > got.log
        code=0
        env LD_PRELOAD="$preload" PRELOAD_FAIL="$1:$n+:$2" "${batch[@]}" \
            > "$out" 2> "$err" || code=$?
        grep -q '^preload: the disk failed' "$err" || break
        tried=$((tried + 1))
        # Where all was done and kept before it failed, that was it.
        if [ "$code" != 0 ]; then
            [ "$code" = 1 ] || [ "$code" = 6 ] || die "$1 $n: exit code $code"
            contains "$err" 'ivs-token: cannot '
            contains "$err" 'd.job'
            grep -qE "$3" "$err" || die "$1 $n: $err lacks $3"
        fi
        goes_on "$1 $n"
    done
    [ "$code" = 0 ] || die "$1 $n: exit code $code without a failure"
    [ "$tried" -ge 3 ] || die "$1: $tried failures"
    printf '%s %s: %d failures\n' "$1" "$2" "$tried"
}
each_call fsync EIO 'd.job: disk I/O error' 1
each_call pwrite EIO 'd.job: disk I/O error' 5
each_call pwrite ENOSPC 'd.job: (disk I/O error|database or disk is full)' 5
each_call pwrite EROFS 'd.job: disk I/O error' 11

# ---- more rows than may be in flight: no further one is sent ----
in_flight=16 # of the single lane, as test_revoke_core has it
rows $((in_flight + 8))
for ((n = 1; n < 100; n++)); do
    rm -f d.job*
    : > got.log
    expect 1 env LD_PRELOAD="$preload" PRELOAD_FAIL="fsync:$n+:EIO" "${batch[@]}"
    if [ -s got.log ]; then
        break
    fi
done
sent=$(wc -l < got.log)
kept=$(acknowledged)
[ "$sent" -gt 0 ] || die 'the disk failed before the first call only'
[ $((sent - kept)) -le "$in_flight" ] || die "$sent calls, $kept kept"
goes_on "fsync $n of $count rows"
rows 4

# ---- the power goes ----
cuts=0
for seed in 0 1; do
    for ((n = 1; n < 100; n++)); do
        rm -f d.job*
        : > got.log
        code=0
        (env LD_PRELOAD="$preload" PRELOAD_CUT="$n:$seed" "${batch[@]}"; exit $?) \
            > "$out" 2> "$err" || code=$?
        if [ "$code" = 0 ]; then
            break
        fi
        [ "$code" = 137 ] || die "power cut $n: exit code $code"
        cuts=$((cuts + 1))
        goes_on "power cut $n:$seed"
    done
    [ "$n" -gt 8 ] || die "$n power cuts"
done
printf '%d power cuts\n' "$cuts"
