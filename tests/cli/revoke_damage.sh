#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Job files that were damaged, and disks that are full: nothing is sent that
# cannot be kept, and no pair is lost.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

credentials
export AWS_REGION=us-west-2
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
for ((n = 1; n <= 100; n++)); do
    printf '%s,v%d,%d\n' "$arn" "$n" "$n"
done > rows.csv

# recorder STEP...: a server that notes what it gets in got.log
recorder()
{
    : > got.log
    start recorder python3 "$here/answer.py" record "$PWD/got.log" "$@"
    url=$(head -n 1 "$tmp/recorder.ready")
}

# ---- damage ----
recorder 200:"{\"errors\":[{\"channelArn\":\"$arn\",\"viewerId\":\"v3\",\"code\":\"404\"}]}"
expect 6 "$cli" revoke batch rows.csv --job done.job --endpoint-url "$url"
expect 0 python3 "$here/damage.py" "$cli" done.job
expect 6 "$cli" revoke batch rows.csv --job done.job --endpoint-url "$url"
[ "$(wc -l < got.log)" = 5 ] || die 'five calls were enough'

# A run that was killed leaves its log, of which a part may never have reached
# the disk.
recorder slow: slow: slow: slow: slow:
"$cli" revoke batch rows.csv --job killed.job --endpoint-url "$url" > "$out" 2> "$err" &
pid=$!
for _ in {1..600}; do
    [ "$(grep -c viewerSessions got.log)" -lt 4 ] || break
    sleep 0.05
done
kill -s KILL "$pid"
wait "$pid" 2> /dev/null || true
[ -s killed.job-wal ] || die 'no log was left'
cp killed.job kept.job
cp killed.job-wal kept.job-wal
expect 0 python3 "$here/damage.py" "$cli" killed.job wal
# With half of its log, the job goes on: some pairs are sent again, none is lost.
truncate -s $(($(stat -c %s kept.job-wal) / 2)) kept.job-wal
expect 0 "$cli" revoke batch rows.csv --job kept.job --endpoint-url "$url"
contains "$err" '100 acknowledged, 0 failed, 0 not done'
[ "$(grep -o '"viewerId":"[^"]*"' got.log | sort -u | wc -l)" = 100 ] || die 'a pair is lost'

# ---- full disks ----
# limited BLOCKS COMMAND...: where no file grows beyond so many KiB
limited()
{
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'ulimit -f "$1"; shift; exec "$@"' limited "$@"
}

# While rows are loaded: nothing is sent, and no file stays.
: > got.log
fails 1 'cannot write load.job' limited 8 "$cli" revoke batch rows.csv --job load.job \
    --endpoint-url "$url"
silent got.log
[ ! -e load.job ] || die 'half a job stays'

# While answers are kept: at whichever size the disk is full, what was sent and
# not kept is what was in flight, and a rerun with room finishes.
for blocks in 44 52 60 80; do
    : > got.log
    rm -f full.job*
    code=0
    limited "$blocks" "$cli" revoke batch rows.csv --job full.job --endpoint-url "$url" \
        > "$out" 2> "$err" || code=$?
    if [ "$code" = 0 ]; then
        continue
    fi
    contains "$err" 'full.job'
    before=$(wc -l < got.log)
    kept=0
    if [ -e full.job ]; then
        expect 0 "$cli" revoke status --job full.job --json
        kept=$(jq .acknowledged "$out")
    fi
    [ $((before * 20)) -le $((kept + 160)) ] || die 'more was sent than was in flight'
    expect 0 "$cli" revoke batch rows.csv --job full.job --endpoint-url "$url"
    contains "$err" '100 acknowledged'
    stopped=$blocks
done
[ -n "${stopped-}" ] || die 'no disk was full'

# Where another file system can be mounted, a disk that really is full.
mkdir small
if mount -t tmpfs -o size=64k tmpfs small 2> /dev/null; then
    code=0
    "$cli" revoke batch rows.csv --job small/s.job --endpoint-url "$url" \
        > "$out" 2> "$err" || code=$?
    umount small
    [ "$code" = 1 ] || [ "$code" = 6 ] || die "a full disk: exit code $code"
    contains "$err" 'database or disk is full'
fi

# A directory that cannot be written to, a job file that is read-only.
mkdir locked
cp done.job locked/
chmod 500 locked
chmod 400 locked/done.job
if [ "$(id -u)" != 0 ]; then
    fails 1 'cannot open the job file locked/done.job: Permission denied' \
        "$cli" revoke batch rows.csv --job locked/done.job --endpoint-url "$url"
    fails 1 'cannot open the job file locked/new.job: Permission denied' \
        "$cli" revoke batch rows.csv --job locked/new.job --endpoint-url "$url"
fi
chmod 700 locked
