#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke batch where there is little of something: memory, descriptors, time,
# standard streams, a home; and with rows without an end.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

credentials
export AWS_REGION=us-west-2
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
for ((n = 1; n <= 45; n++)); do
    printf '%s,v%d,%d\n' "$arn" "$n" "$n"
done > rows.csv
head -n 3 rows.csv > three.csv

# recorder STEP...: a server that notes what it gets in got.log
recorder()
{
    : > got.log
    start recorder python3 "$here/answer.py" record "$PWD/got.log" "$@"
    url=$(head -n 1 "$tmp/recorder.ready")
    batch=("$cli" revoke batch rows.csv --endpoint-url "$url")
    three=("$cli" revoke batch three.csv --endpoint-url "$url")
}
recorder

# within OPTION VALUE COMMAND...: under a limit of the shell
within()
{
    # shellcheck disable=SC2016 # for the inner shell
    bash -c 'ulimit "$1" "$2"; shift 2; exec "$@"' within "$@"
}

# into HOW STREAM COMMAND...: with that stream in a pipe whose reader is gone, or
# that is full and does not wait
into()
{
    python3 - "$@" << 'PY'
import os
import subprocess
import sys

how, stream = sys.argv[1:3]
reader, writer = os.pipe()
if how == "gone":
    os.close(reader)
else:
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x")
    except BlockingIOError:
        pass
sys.exit(subprocess.run(sys.argv[3:], **{stream: writer}).returncode)
PY
}

# ---- descriptors ----
# At whichever number there are no more, a sentence says so, and with enough the
# job goes on.
rm -f few.job*
failed=0
for ((n = 3; n < 40; n++)); do
    code=0
    within -n "$n" "${three[@]}" --job few.job > "$out" 2> "$err" || code=$?
    [ "$code" != 0 ] || break
    # Below what a program needs to be loaded it is not ours to say.
    [ "$code" -lt 126 ] || continue
    failed=$((failed + 1))
    grep -q '^ivs-token: ' "$err" || grep -q 'error while loading' "$err" ||
        die "$n descriptors: no sentence"
done
[ "$code" = 0 ] || die "40 descriptors are not enough: $code"
[ "$failed" -ge 3 ] || die "$failed failures"
[ "$(grep -o '"viewerId":"[^"]*"' got.log | sort -u | wc -l)" = 3 ] || die 'a pair is lost'
contains "$err" '3 acknowledged, 0 failed, 0 not done'

# ---- address space ----
if [ -z "${ASAN_OPTIONS-}" ] && ! grep -q __asan_init "$IVS_BUILD_DIR/bin/ivs-token-service"; then
    failed=0
    for ((n = 8000; n < 400000; n += n / 8)); do
        rm -f space.job*
        code=0
        within -v "$n" "${three[@]}" --job space.job > "$out" 2> "$err" || code=$?
        [ "$code" != 0 ] || break
        # 126 and 127: the loader had no room; 134 and 139 would be ours.
        [ "$code" -lt 128 ] || die "$n KiB: exit code $code"
        failed=$((failed + 1))
        [ -s "$err" ] || die "$n KiB: no sentence"
    done
    [ "$code" = 0 ] || die "400 MB are not enough: $code"
    [ "$failed" -ge 3 ] || die "$failed failures"
    limit=$((n + 120000)) # SQLite's cache is 64 MiB

    # Rows without an end: the memory does not grow with them.
    expect 0 within -v "$limit" "$cli" revoke batch - --validate-only --json \
        < <(yes "$arn,v1,1" | head -n 10000000)
    json .rows 10000000
    # One line of 1 GB; in the other format, one of 100 MB.
    # endless BEGINNING BYTES
    endless()
    {
        printf '%s' "$1"
        head -c "$2" /dev/zero | tr '\0' x
        printf '\n%s,v\n' "$arn"
    }
    fails 1 'standard input:1: found a field of more than 1024 bytes' \
        within -v "$limit" "$cli" revoke batch - < <(endless "$arn," 1000000000)
    contains "$err" 'nothing was sent'
    fails 1 'standard input:1: found a line of more than 64 KiB' \
        within -v "$limit" "$cli" revoke batch - < <(endless '{"channelArn":"' 100000000)
fi

# ---- a process that is stopped for a while ----
recorder 200:'{"errors":[]}' hold:
"${batch[@]}" --job stop.job > "$out" 2> "$err" &
pid=$!
for _ in {1..600}; do
    [ "$(wc -l < got.log)" -lt 2 ] || break
    sleep 0.05
done
kill -s STOP "$pid"
# The second call is under way. Its connection is closed, and the server is gone
# for as long as the process stands.
for _ in {1..100}; do
    grep -q '^held$' "$tmp/recorder.ready" && break
    sleep 0.05
done
[ "$(wc -l < got.log)" = 2 ] || die 'a stopped process sends'
kill -s CONT "$pid"
code=0
wait "$pid" || code=$?
[ "$code" = 0 ] || die "stopped and continued: exit code $code"
contains "$err" '45 acknowledged, 0 failed, 0 not done'

# ---- standard streams ----
# Closed, they are no job file: the job is whole.
recorder
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
    rm -f s.job*
    for options in '' --json; do
        code=0
        # shellcheck disable=SC2016
        bash -c '"$@" '"$closed" closed "${three[@]}" --job s.job \
            $options > "$out" 2> "$err" || code=$?
        want=0
        case $closed$options in *'>&-'*json) [ "$closed" = '2>&-' ] || want=1 ;; esac
        [ "$code" = "$want" ] || die "$closed $options: exit code $code, expected $want"
        expect 0 "$cli" revoke status --job s.job --json
        json .acknowledged 3
    done
done
fails 1 'cannot read standard input: Bad file descriptor' \
    bash -c '"$@" <&-' closed "$cli" revoke batch - --job t.job
[ ! -e t.job ] || die 'a job without rows'
# A pipe that takes nothing loses a report and no job.
for how in gone full; do
    rm -f p.job* q.job*
    expect 1 into "$how" stdout "${three[@]}" --job p.job --json
    contains "$err" '3 acknowledged, 0 failed, 0 not done'
    contains "$err" 'cannot write to standard output'
    expect 0 into "$how" stderr "${three[@]}" --job q.job --progress json
    for job in p.job q.job; do
        expect 0 "$cli" revoke status --job $job --json
        json .acknowledged 3
    done
done

# ---- no home, or one that cannot be written to ----
mkdir ro
chmod 500 ro
for home in '' /nonexistent "$PWD/ro" "$PWD/rows.csv"; do
    rm -f h.job*
    expect 0 env HOME="$home" "${three[@]}" --job h.job
done
rm -f h.job*
expect 0 env -u HOME "${three[@]}" --job h.job
[ -z "$(ls -A ro)" ] || die 'a file in the home'

# ---- rows that change, or end, while they are read ----
mkfifo pipe
recorder
"$cli" revoke batch pipe --job c.job --endpoint-url "$url" > "$out" 2> "$err" &
pid=$!
exec 5> pipe
head -n 2 rows.csv >&5
# Another file has the name by now; what is being read is what counts.
cp rows.csv other.csv
mv -f other.csv pipe
sed -n 3p rows.csv >&5
exec 5>&-
code=0
wait "$pid" || code=$?
[ "$code" = 0 ] || die "rows that were replaced: exit code $code"
contains "$err" '3 acknowledged'
fails 1 'the job file c.job belongs to other rows than those of pipe' \
    "$cli" revoke batch pipe --job c.job --endpoint-url "$url"
expect 0 "$cli" revoke batch three.csv --job c.job --endpoint-url "$url"
contains "$err" 'c.job has 3 of 3 pairs done already'
# Who writes them ends in the middle of a row.
: > got.log
fails 1 'standard input:3: found 1 field, expected 2 or 3' "$cli" revoke batch - \
    --job cut.job --endpoint-url "$url" < <(head -c $((2 * ${#arn} + 30)) rows.csv)
fails 1 'standard input:2: found a quote that is never closed' "$cli" revoke batch - \
    --job cut.job --endpoint-url "$url" < <(head -n 1 rows.csv && printf '%s,"v' "$arn")
silent got.log
[ ! -e cut.job ] || die 'a job of half the rows'

# ---- names that mean something elsewhere ----
recorder
cat > names.csv << ROWS
$arn,../../x,1
$arn,=1+1,1
$arn,"a ""b""
c",1
$arn,/etc/passwd,1
ROWS
expect 0 "$cli" revoke batch names.csv --job names.job --endpoint-url "$url"
[ "$(jq -r '.viewerSessions[].viewerId' got.log)" = $'../../x\n=1+1\na "b"\nc\n/etc/passwd' ] ||
    die 'other names were sent'
[ ! -e ../../x ] || die 'a name was taken for a path'
for name in '../../x' '=1+1' '%s%n' 'arn:aws:ivs:us-west-2:123456789012:channel/../../x'; do
    fails 1 'standard input:2: ' "$cli" revoke batch - --endpoint-url "$url" \
        < <(printf '%s,v\n%s,v\n' "$arn" "$name")
    contains "$err" 'is no Amazon IVS ARN'
done
