#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Job files of somebody else's making, with checksums that are right: they are
# refused, and touch nothing but themselves.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

credentials
export AWS_REGION=us-west-2
arn=arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh
for n in 1 2 3; do
    printf '%s,v%d,%d\n' "$arn" "$n" "$n"
done > rows.csv
# Refused whole: all of the rows are left.
start recorder python3 "$here/answer.py" record "$PWD/got.log" \
    403:'{"__type":"AccessDeniedException","message":"no"}'
url=$(head -n 1 "$tmp/recorder.ready")
expect 5 "$cli" revoke batch rows.csv --job good.job --endpoint-url "$url"

# forge WHAT [ARGUMENT]: f.job
forge()
{
    rm -f f.job*
    python3 "$here/job_forge.py" good.job f.job "$@"
}

# refused TEXT: by whoever opens f.job
refused()
{
    : > got.log
    fails 1 "$1" "$cli" revoke status --job f.job
    fails 1 "$1" "$cli" revoke status --job f.job --json
    fails 1 "$1" "$cli" revoke batch rows.csv --job f.job --endpoint-url "$url"
    silent got.log
}

# What is written like ours is ours.
forge same
expect 0 "$cli" revoke status --job f.job --json
json .left 3

for what in viewer-empty viewer-41 viewer-bytes viewer-null channel-null \
    channel-other version state code-bytes gap; do
    forge "$what"
    refused 'the job file f.job is damaged: a pair is not as it was written'
    contains "$err" 'revoke the rows again with another --job FILE'
done
forge viewer-huge
refused 'the job file f.job is damaged: string or blob too big'
forge rows
refused 'the job file f.job is damaged: its own row is not as it was written'
forge view
refused 'the job file f.job is damaged: its tables are not those of a job'

# ---- beside the file ----
# A journal that names another file has it removed by whoever believes it.
printf 'of another\n' > precious
cp precious kept
forge journal precious
refused 'f.job-journal is no file that ivs-token has written'
cmp precious kept || die 'a journal had another file removed'
# Believed, it would: so the test is one.
python3 -c 'import sqlite3; sqlite3.connect("f.job").execute("SELECT * FROM pair")'
[ ! -e precious ] || die 'the journal is no journal'

for end in journal wal shm; do
    cp kept precious
    forge same
    ln -s precious "f.job-$end"
    refused "f.job-$end is no file that ivs-token has written"
    cmp precious kept || die "another file was written to through $end"
    forge same
    mkdir "f.job-$end"
    refused "f.job-$end is no file that ivs-token has written"
    rmdir "f.job-$end"
    mkfifo "f.job-$end"
    refused "f.job-$end is no file that ivs-token has written"
done
