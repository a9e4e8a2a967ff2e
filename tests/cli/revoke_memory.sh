#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke_memory.sh PRELOAD: allocations fail in turn under revoke batch and
# revoke status, in our code and in SQLite.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# shellcheck disable=SC2034 # of with
preload=$1
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
credentials
export AWS_REGION=us-west-2
printf '%s,v1,1\n' "$arn" > rows.csv
start recorder python3 "$here/answer.py" record "$PWD/got.log"
url=$(head -n 1 "$tmp/recorder.ready")
batch=("$cli" revoke batch rows.csv --job a.job --endpoint-url "$url")
# What was kept stays, and with memory the job goes on.
# shellcheck disable=SC2317 # called by name
whole_job()
{
    [ "$1" = 0 ] || grep -q '^ivs-token: ' "$err" || die "allocation $2: no sentence"
    lacks "$err" damaged
    lacks "$err" 'not an error'
    if [ "$1" = 0 ]; then
        contains "$err" '1 acknowledged, 0 failed, 0 not done'
        [ "$(wc -l < got.log)" = 1 ] || die "allocation $2: not one call"
    elif [ $(($2 / step % 7)) = 0 ]; then
        "${batch[@]}" > "$tmp/again" 2>&1 || die "allocation $2: $(cat "$tmp/again")"
        contains "$tmp/again" '1 acknowledged, 0 failed, 0 not done'
    fi
    [ "$(grep -o '"viewerId":"[^"]*"' got.log | sort -u)" = '"viewerId":"v1"' ] ||
        [ ! -s got.log ] || die "allocation $2: another viewer"
    rm -f a.job*
    : > got.log
}
: > got.log
each_allocation whole_job "${batch[@]}"
export PRELOAD_LIBRARY=libsqlite3
step=17
each_allocation whole_job "${batch[@]}"
"${batch[@]}" 2> "$err"
cp a.job whole.job
# shellcheck disable=SC2317
whole_status()
{
    lacks "$err" damaged
    [ "$1" != 0 ] || json .acknowledged 1
    cmp -s a.job whole.job || die "allocation $2: looking has changed it"
}
each_allocation whole_status "$cli" revoke status --job a.job --json
