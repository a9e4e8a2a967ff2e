#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# revoke batch --job, revoke status: what is resumed, what is refused.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

emulator --no-quotas
expect 0 "$cli" api call CreateChannel '{"name":"one","authorized":true}'
arn=$(jq -r .channel.arn "$out")
missing=${arn%/*}/missing12345
foreign=${arn/us-west-2/eu-west-1}

# rows N: so many rows on stdout
rows()
{
    local n

    for ((n = 1; n <= $1; n++)); do
        printf '%s,v%d,%d\n' "$arn" "$n" "$n"
    done
}

# recorder NAME STEP...: a server that notes what it gets in NAME.log
recorder()
{
    local name=$1

    shift
    : > "$name.log"
    start "$name" python3 "$here/answer.py" record "$PWD/$name.log" "$@"
    url=$(head -n 1 "$tmp/$name.ready")
}

# sent NAME: how often each viewer was named, as "COUNT VIEWER"
sent()
{
    grep -o '"viewerId":"[^"]*"' "$1.log" | sort | uniq -c
}

# interrupt SIGNAL CODE FILE TEXT COMMAND...: once TEXT is in FILE
interrupt()
{
    local signal=$1 want=$2 file=$3 text=$4 code=0 pid

    shift 4
    env --default-signal=INT "$@" > "$out" 2> "$err" &
    pid=$!
    until grep -q -e "$text" "$file" || ! kill -0 "$pid"; do
        sleep 0.05
    done
    kill -s "$signal" "$pid"
    wait "$pid" || code=$?
    [ "$code" = "$want" ] || die "on $signal: exit code $code, expected $want"
}

# ---- a job from start to end ----
{
    printf 'channel_arn,viewer_id,version\n'
    rows 50
    printf '%s,v7,99\n%s,=1+1,\n' "$arn" "$missing"
} > rows.csv
(
    umask 0
    expect 6 "$cli" revoke batch rows.csv --job j.job --json
)
json .rows 52
json .duplicates 1
json .pairs 51
json .acknowledged 50
json .failed 1
json '.failures[0].viewerId' '=1+1'
mode j.job 600
[ "$(find . -name 'j.job?*')" = '' ] || die 'a file stays beside the job'
expect 0 "$cli" revoke status --job j.job --json
json .acknowledged 50
json .failed 1
json .left 0
json .running false
json '.failures_by_code["404"]' 1
json .input_sha256 "$(sha256sum rows.csv | cut -d ' ' -f 1)"
json .region us-west-2
json .endpoint "$url"
json .eta_s 0
expect 0 "$cli" revoke status --job j.job
contains "$out" 'acknowledged  50'
contains "$out" 'failed with   404: 1'
contains "$out" 'running       no'
lacks "$out" 'time left'

# Nothing is left: nothing is sent, whatever answers.
expect 6 "$cli" revoke batch rows.csv --job j.job --progress json
[ "$(grep '^{' "$err" | jq -s -c 'map([.event, .acknowledged, .failed, .left])')" = \
    '[["start",50,1,0],["end",50,1,0]]' ] || die 'the events of a finished job'
contains "$err" 'notice: j.job has 51 of 51 pairs done already'
contains "$err" '50 acknowledged, 1 failed, 0 not done'
contains "$err" 'revoke status --failed --job j.job prints them as input'
# It is no job of another place because of that.
fails 1 "the job file j.job belongs to $url, but calls would go to http://127.0.0.1:1" \
    "$cli" revoke batch rows.csv --job j.job --endpoint-url http://127.0.0.1:1
fails 2 'of region us-west-2, but --region is eu-west-1' \
    "$cli" revoke batch rows.csv --job j.job --region eu-west-1

# Failed rows are input again, and no formula on the way.
expect 0 "$cli" revoke status --job j.job --failed
is "$out" "channel_arn,'viewer_id,version
$missing,\"'=1+1\","
cp "$out" failed.csv
expect 0 "$cli" revoke status --job j.job --failed --json
is "$out" "{\"channelArn\":\"$missing\",\"viewerId\":\"=1+1\"}"
cp "$out" failed.json
for file in failed.csv failed.json; do
    expect 5 "$cli" revoke batch "$file" --json
    json '.failures[0].viewerId' '=1+1'
done
printf '%s,"a,""b",5\n' "$missing" > plain.csv
expect 5 "$cli" revoke batch plain.csv --job plain.job
expect 0 "$cli" revoke status --job plain.job --failed
is "$out" "channel_arn,viewer_id,version
$missing,\"a,\"\"b\",5"
printf "channel_arn,'viewer_id\n%s,v\n" "$arn" > unquoted.csv
fails 1 "unquoted.csv:2: the viewer id \"v\" has no ' in front" "$cli" revoke batch unquoted.csv

# ---- the keys of another account: nothing fails for good ----
rows 5 > five.csv
expect 5 env AWS_ACCESS_KEY_ID=111111111111 \
    "$cli" revoke batch five.csv --job five.job
contains "$err" 'every viewer of a call was refused: 403'
contains "$err" '0 acknowledged, 0 failed, 5 not done'
expect 0 "$cli" revoke batch five.csv --job five.job
contains "$err" '5 acknowledged, 0 failed, 0 not done'

# ---- ends early, goes on ----
rows 100 > hundred.csv
recorder early 200:'{"errors":[]}' 200:'{"errors":[]}' \
    403:'{"__type":"AccessDeniedException","message":"no"}'
expect 6 "$cli" revoke batch hundred.csv --job e.job --endpoint-url "$url"
contains "$err" 'AccessDeniedException: no'
cp "$err" why
expect 0 "$cli" revoke status --job e.job --json
did=$(jq .acknowledged "$out")
# What was in flight when the third was refused is waited for, and counts.
[ "$did" -ge 40 ] || die "$did are acknowledged"
[ "$did" = $((20 * ($(wc -l < early.log) - 1))) ] ||
    die "$did are acknowledged after $(wc -l < early.log) calls"
json .left $((100 - did))
contains why "$did acknowledged, 0 failed, $((100 - did)) not done"
contains why 'the same command goes on with what is not done'
expect 0 "$cli" revoke batch hundred.csv --job e.job --endpoint-url "$url" --dry-run --json
json .not_done $((100 - did))
expect 0 "$cli" revoke batch hundred.csv --job e.job --endpoint-url "$url"
contains "$err" "e.job has $did of 100 pairs done already"
contains "$err" '100 acknowledged, 0 failed, 0 not done'
[ "$(sent early | awk '$1 == 1' | wc -l)" = 80 ] || die '80 are sent once'
[ "$(sent early | awk '$1 == 2' | wc -l)" = 20 ] || die '20 are sent twice'

# Before anything has worked: the exit code of the reason.
# refused CODE TEXT ANSWER [OPTION...]: each call is answered so
refused()
{
    local want=$1 text=$2 answer=$3

    shift 3
    recorder refused "$answer" "$answer" "$answer" "$answer" "$answer"
    expect "$want" "$cli" revoke batch hundred.csv --job r.job --endpoint-url "$url" "$@"
    contains "$err" "$text"
    contains "$err" '0 acknowledged, 0 failed, 100 not done'
    rm r.job
}
# At these rates there are 5 and 20 seconds between two calls: the one before is
# answered. Old keys are read again once.
refused 4 'ExpiredTokenException' \
    '403:{"__type":"ExpiredTokenException","message":"expired"}' --rate 4
[ "$(wc -l < refused.log)" = 2 ] || die "$(wc -l < refused.log) calls"
refused 5 'PendingVerification' '403:{"__type":"PendingVerification"}' --rate 1
[ "$(wc -l < refused.log)" = 1 ] || die "$(wc -l < refused.log) calls"
refused 5 'ServiceQuotaExceededException' \
    '402:{"__type":"ServiceQuotaExceededException"}' --rate 1
[ "$(wc -l < refused.log)" = 1 ] || die "$(wc -l < refused.log) calls"

# ---- signals: what is in flight is waited for ----
recorder slow slow: slow: slow: slow: slow:
for signal in INT:130 TERM:143 HUP:129; do
    : > slow.log
    interrupt "${signal%:*}" "${signal#*:}" slow.log viewerSessions \
        "$cli" revoke batch hundred.csv --job "$signal.job" --endpoint-url "$url" \
        --rate 1 # no second call yet
    contains "$err" '20 acknowledged, 0 failed, 80 not done'
    contains "$err" 'the same command goes on'
    expect 0 "$cli" revoke status --job "$signal.job" --json
    json .left 80
done
: > slow.log
expect 0 "$cli" revoke batch hundred.csv --job INT:130.job --endpoint-url "$url"
[ "$(sent slow | awk '$1 == 1' | wc -l)" = 80 ] || die 'a pair was sent twice'
# A second signal waits for nothing, and loses nothing.
answering hang hang
env --default-signal=INT "$cli" revoke batch hundred.csv --job h.job \
    --endpoint-url "$url" > "$out" 2> "$err" &
pid=$!
until grep -q waiting "$tmp/hang.ready" || ! kill -0 "$pid"; do
    sleep 0.05
done
# While a run goes on, others look, and only look.
expect 0 "$cli" revoke status --job h.job --json
json .running true
json .left 100
fails 1 'the job file h.job is in use by another run' \
    "$cli" revoke batch hundred.csv --job h.job --endpoint-url "$url"
kill -s INT "$pid"
sleep 0.3
kill -s INT "$pid"
code=0
wait "$pid" || code=$?
[ "$code" = 130 ] || die "a second signal: exit code $code"
expect 0 "$cli" revoke status --job h.job --json
json .running false
json .left 100

# ---- lanes, rate, progress ----
recorder lanes
rows 12 > twelve.csv
expect 0 "$cli" revoke batch twelve.csv --lane single --job s.job --endpoint-url "$url"
[ "$(grep -c viewerSessions lanes.log)" = 0 ] || die 'a batch in the single lane'
[ "$(wc -l < lanes.log)" = 12 ] || die 'one call a pair'
expect 0 "$cli" revoke batch hundred.csv --lane both --job b.job --endpoint-url "$url" \
    --progress json
lines=$(grep -c '^{"event":' "$err")
[ "$lines" -ge 3 ] || die "$lines events"
[ "$(grep '^{' "$err" | jq -s -r '.[0].event + .[-1].event')" = startend ] || die 'start, end'
[ "$(grep '^{' "$err" | jq -s -r '.[-1] | "\(.acknowledged) \(.exit_code)"')" = '100 0' ] ||
    die 'the last event'
[ "$(grep -c viewerSessions lanes.log)" -ge 1 ] || die 'no batch in both lanes'
[ "$(wc -l < lanes.log)" -gt 17 ] || die 'no single call in both lanes'
# 12 pairs in one call, then one call every 2 s at 10 pairs a second.
started=$(date +%s%N)
rows 40 > forty.csv
expect 0 "$cli" revoke batch forty.csv --rate 10 --endpoint-url "$url"
[ $((($(date +%s%N) - started) / 1000000)) -ge 1950 ] || die '--rate was not kept'
# On a terminal there is a live line, which makes room for other lines.
script -qec "'$cli' revoke batch hundred.csv --endpoint-url $url" terminal > /dev/null
grep -q $'\rivs-token: 80 of 100, 0 failed, .*/s, 0 throttled, 0:00:0. left' terminal ||
    die 'no live line on a terminal'
grep -q 'pairs: 100 acknowledged' terminal || die 'no summary on a terminal'
fails 2 '--rate: found "0", expected pairs a second, 1 to 50' \
    "$cli" revoke batch forty.csv --rate 0
fails 2 '--lane: found "fast", expected batch, single or both' \
    "$cli" revoke batch forty.csv --lane fast
fails 2 '--progress: found "xml", expected json' \
    "$cli" revoke batch forty.csv --progress xml

# ---- several regions ----
{
    rows 3
    printf '%s,w1,1\n%s,w2,1\n' "$foreign" "$foreign"
} > regions.csv
# Wherever the region comes from, the line is told.
fails 1 "regions.csv:4: found a channel of region eu-west-1, but AWS_REGION is us-west-2" \
    "$cli" revoke batch regions.csv
[ "$(grep -c 'regions.csv:[45]: ' "$err")" = 2 ] || die 'two rows of another region'
fails 1 'regions.csv:4: found a channel of region eu-west-1, expected us-west-2 as in the first row' \
    env -u AWS_REGION "$cli" revoke batch regions.csv
for check in '' --validate-only --dry-run; do
    fails 1 'regions.csv:1: found a channel of region us-west-2, but --region is eu-west-1' \
        "$cli" revoke batch regions.csv --region eu-west-1 $check
    [ "$(grep -c 'regions.csv:[123]: ' "$err")" = 3 ] || die 'three rows of another region'
    contains "$err" 'nothing was sent'
done
fails 1 "regions.csv:1: found a channel of region us-west-2, but AWS_DEFAULT_REGION is eu-west-1" \
    env -u AWS_REGION AWS_DEFAULT_REGION=eu-west-1 "$cli" revoke batch regions.csv --validate-only
recorder regions
expect 0 env -u AWS_REGION "$cli" revoke batch regions.csv --region-from-arn --job m.job \
    --endpoint-url "$url"
[ "$(grep -c eu-west-1 regions.log)" = 1 ] || die 'one call a region'
[ "$(grep us-west-2 regions.log | grep -c eu-west-1)" = 0 ] || die 'regions in one call'
# One that is refused, whichever asks first, ends alone; what it left goes out
# later.
recorder alone 403:'{"__type":"AccessDeniedException","message":"no"}'
expect 6 env -u AWS_REGION "$cli" revoke batch regions.csv --region-from-arn --job a.job \
    --endpoint-url "$url"
grep -qE 'region [a-z]+-west-.: .* 403 AccessDeniedException: no' "$err" || die 'which region'
grep -qE '2 acknowledged, 0 failed, 3 not done|3 acknowledged, 0 failed, 2 not done' "$err" ||
    die 'the other region is done'
expect 0 env -u AWS_REGION "$cli" revoke batch regions.csv --region-from-arn --job a.job \
    --endpoint-url "$url"
[ "$(wc -l < alone.log)" = 3 ] || die 'what was acknowledged is sent again'
# One that is throttled holds no other up, wherever its rows are.
{
    rows 200
    for n in {1..20}; do
        printf '%s,x%d,1\n' "$foreign" "$n"
    done
    rows 450 | tail -n 250
    for n in {1..40}; do
        printf '%s,y%d,1\n' "$foreign" "$n"
    done
} > mixed.csv
printf us-west-2 > throttle
export ANSWER_THROTTLE=$PWD/throttle
recorder mixed
interrupt TERM 143 mixed.log '"viewerId":"y40"' env -u AWS_REGION "$cli" revoke batch \
    mixed.csv --region-from-arn --job mixed.job --endpoint-url "$url"
contains "$err" '60 acknowledged, 0 failed, 450 not done'
rm throttle
expect 0 env -u AWS_REGION "$cli" revoke batch mixed.csv --region-from-arn \
    --job mixed.job --endpoint-url "$url"
contains "$err" '510 acknowledged, 0 failed, 0 not done'
[ "$(sent mixed | awk '$1 == 1' | wc -l)" = 510 ] || die 'each is sent once'
fails 2 'excludes --region' "$cli" revoke batch regions.csv --region-from-arn --region us-west-2
fails 1 'made with --region-from-arn' "$cli" revoke batch regions.csv --job m.job
printf '%s,v\n%s,v\n' "$arn" "${arn/:000000000000:/:111111111111:}" > accounts.csv
fails 1 'accounts.csv:2: found a channel of account 111111111111, expected 000000000000' \
    "$cli" revoke batch accounts.csv

# ---- what does not belong to a job ----
url=$AWS_ENDPOINT_URL
fails 1 'the job file j.job belongs to other rows than those of hundred.csv' \
    "$cli" revoke batch hundred.csv --job j.job
fails 1 'made with another --up-to-version' \
    "$cli" revoke batch rows.csv --job j.job --up-to-version 5
fails 1 'made without --region-from-arn' \
    "$cli" revoke batch rows.csv --job j.job --region-from-arn
expect 6 "$cli" revoke batch rows.csv --job now.job --up-to-version now --now 1000
expect 6 "$cli" revoke batch rows.csv --job now.job --up-to-version now --now 2000
fails 1 'made with another --up-to-version' \
    "$cli" revoke batch rows.csv --job now.job --up-to-version 2000
recorder other 403:'{"__type":"AccessDeniedException"}'
expect 5 "$cli" revoke batch hundred.csv --job o.job --endpoint-url "$url"
fails 1 "the job file o.job belongs to $url, but calls would go to $AWS_ENDPOINT_URL" \
    "$cli" revoke batch hundred.csv --job o.job
fails 2 'of region us-west-2, but --region is eu-west-1' \
    "$cli" revoke batch hundred.csv --job o.job --region eu-west-1 --endpoint-url "$url"
ln -s o.job link.job
fails 1 'link.job is a symbolic link' "$cli" revoke batch hundred.csv --job link.job
mkdir dir.job
fails 1 'cannot open the job file dir.job' "$cli" revoke batch hundred.csv --job dir.job
cp hundred.csv copy.csv
fails 1 'copy.csv is no job file of ivs-token' "$cli" revoke batch hundred.csv --job copy.csv
cmp hundred.csv copy.csv || die 'another file was written to'
python3 -c 'import sqlite3; sqlite3.connect("other.db").execute("CREATE TABLE t(a)")'
cp other.db before.db
fails 1 'other.db is a database, but no job file' "$cli" revoke batch hundred.csv --job other.db
cmp other.db before.db || die 'another database was written to'
cp j.job newer.job
python3 -c 'import sqlite3; sqlite3.connect("newer.job").execute("PRAGMA user_version = 2")'
fails 1 'newer.job has format 2, expected 1' "$cli" revoke batch rows.csv --job newer.job
cp j.job trigger.job
python3 -c 'import sqlite3; sqlite3.connect("trigger.job").execute(
    "CREATE TRIGGER x AFTER UPDATE ON pair BEGIN DELETE FROM pair; END")'
fails 1 'its tables are not those of a job' "$cli" revoke batch rows.csv --job trigger.job
fails 1 'cannot open the job file none.job: No such file' "$cli" revoke status --job none.job
: > empty.job
fails 1 'the job file empty.job is empty: no rows were ever read into it' \
    "$cli" revoke status --job empty.job
chmod 644 empty.job
expect 6 "$cli" revoke batch rows.csv --job empty.job
mode empty.job 600
fails 2 '--job: expected a file' "$cli" revoke batch rows.csv --job -
fails 2 'the option --job FILE is missing' "$cli" revoke status

# Bad rows leave no job behind, a dry run neither.
printf '%s,v\nnonsense\n' "$arn" > bad.csv
fails 1 'bad.csv:2: found 1 field, expected 2 or 3: ' "$cli" revoke batch bad.csv --job bad.job
expect 0 "$cli" revoke batch hundred.csv --job bad.job --dry-run
contains "$err" 'at 40 pairs a second it would take 0:00:03'
[ ! -e bad.job ] || die 'a job without rows'
expect 0 "$cli" revoke batch hundred.csv --validate-only --json
json .rows 100
contains "$err" '100 rows, all valid; nothing was sent'
fails 1 'bad.csv:2: ' "$cli" revoke batch bad.csv --validate-only

# Without a job file, only what is over in minutes.
rows 10001 > many.csv
fails 2 '10001 pairs take 4 minutes; give --job FILE' "$cli" revoke batch many.csv
expect 0 "$cli" revoke batch many.csv --dry-run

# ---- gzip ----
gzip -k twelve.csv
{
    gzip -c < hundred.csv
    gzip -c < forty.csv
} > two.gz
expect 0 "$cli" revoke batch - --validate-only --json < two.gz
json .rows 140
expect 0 "$cli" revoke batch twelve.csv.gz --validate-only --json
json .rows 12
# However they are packed, they are the same rows.
recorder packed
expect 0 "$cli" revoke batch twelve.csv --job packed.job --endpoint-url "$url"
for file in twelve.csv.gz - ; do
    expect 0 "$cli" revoke batch "$file" --job packed.job --endpoint-url "$url" \
        < twelve.csv.gz
    contains "$err" 'packed.job has 12 of 12 pairs done already'
done
expect 0 "$cli" revoke status --job packed.job --json
json .input_sha256 "$(sha256sum twelve.csv | cut -d ' ' -f 1)"
head -c 60 twelve.csv.gz > half.gz
fails 1 'found gzip that breaks off in half.gz' \
    "$cli" revoke batch half.gz --job packed.job --endpoint-url "$url"
fails 1 'found gzip that breaks off in half.gz' "$cli" revoke batch half.gz
# The row that is cut off is nobody's mistake: that the file is, is all there is
# to say.
for ((n = 0; n < 4000; n++)); do
    printf '%s,%s,%d\n' "$arn" "$RANDOM$RANDOM$RANDOM" "$n"
done > long.csv
sed -E 's/(.*),(.*),(.*)/{"channelArn":"\1","viewerId":"\2","viewerSessionVersionsLessThanOrEqualTo":\3}/' \
    long.csv > long.ndjson
for file in long.csv long.ndjson; do
    gzip -c $file > whole.gz
    for less in 9 100 3000 3001; do
        head -c "-$less" whole.gz > half.gz
        fails 1 '' "$cli" revoke batch half.gz --job half.job --endpoint-url "$url"
        is "$err" 'ivs-token: found gzip that breaks off in half.gz'
    done
done
{
    cat twelve.csv.gz
    echo garbage
} > tail.gz
fails 1 'found malformed gzip in tail.gz' "$cli" revoke batch tail.gz
