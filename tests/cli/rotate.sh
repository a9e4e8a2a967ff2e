#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# key rotate against the emulator: the whole way, what it refuses, where it
# waits and asks.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

emulator --no-quotas
for n in old spare third; do
    expect 0 "$cli" key generate --out "$n.pem" --public-out "$n.pub"
done
print=$(openssl pkey -in old.pem -pubout -outform DER | openssl md5 -c | sed 's/.*= //')

# imported FILE NAME: an ARN on stdout
imported()
{
    "$cli" key import --key "$1" --name "$2"
}

# has ARN...: the pairs that the service has, and no other
has()
{
    local found

    found=$("$cli" key list --json 2> "$err" |
        jq -r '[.keyPairs[].arn] | sort | join(" ")')
    [ "$found" = "$(printf '%s\n' "$@" | LC_ALL=C sort | paste -sd ' ')" ] ||
        die "the service has $found, expected $*"
}

old=$(imported old.pem old)
rotate=("$cli" key rotate --old "$old" --out new.pem --name new)

# ---- usage: nothing is begun ----
fails 2 'Without a terminal nobody can be asked, so it needs --yes' "${rotate[@]}" < /dev/null
fails 2 '--name: found "no spaces"' "$cli" key rotate --old "$old" \
    --out new.pem --name 'no spaces' --yes
fails 2 '--name: found ""' "$cli" key rotate --old "$old" --out new.pem --name '' --yes
fails 2 '--out: found -' "$cli" key rotate --old "$old" --out - --name new --yes
fails 2 '--grace is shorter than --max-ttl' "${rotate[@]}" --yes --grace 10m --max-ttl 1h
fails 2 'expected the ARN of a playback key pair' "$cli" key rotate \
    --old "${old/playback-key/channel}" --out new.pem --name new --yes
fails 2 'of region us-west-2' "${rotate[@]}" --yes --region eu-west-1
fails 5 "${old%/*}/missing12345 is not among the key pairs in us-west-2 (1 of 3);" "$cli" key rotate \
    --old "${old%/*}/missing12345" --out new.pem --name new --yes
fails 1 'cannot open the rotation file none/new.pem.rotation: No such file' \
    "$cli" key rotate --old "$old" --out none/new.pem --name new --yes
touch taken.pem
fails 1 'taken.pem exists already, and no rotation to it is recorded' \
    "$cli" key rotate --old "$old" --out taken.pem --name new --yes
[ ! -e taken.pem.rotation ] || die 'a file is left'
: > taken.pem.rotation # of a run that was killed before its first record
fails 1 'taken.pem exists already' \
    "$cli" key rotate --old "$old" --out taken.pem --name new --yes
fails 1 'third.pem is not the key of' "${rotate[@]}" --yes --old-key third.pem
contains "$err" "$print"
contains "$err" "$(openssl pkey -in third.pem -pubout -outform DER |
    openssl md5 -c | sed 's/.*= //')"
[ -z "$(ls new.pem new.pem.rotation 2> /dev/null)" ] || die 'a file is left'
has "$old"

# ---- dry run ----
expect 0 "${rotate[@]}" --dry-run < /dev/null
[ "$(grep -c '^to do     ' "$out")" = 5 ] || die 'five steps'
contains "$out" 'wait 600 seconds'
contains "$out" "delete $old"
contains "$err" '1 of 3 key pairs in us-west-2; nothing was done'
expect 0 "${rotate[@]}" --dry-run --max-ttl 2h --json
json .grace_s 7200
json .step none
json .new_arn null
json .dry_run true
expect 0 "${rotate[@]}" --dry-run --grace 1s
contains "$out" 'wait 1 second from there on'
expect 0 "${rotate[@]}" --dry-run --max-ttl 1m --json
json .grace_s 600
[ -z "$(ls new.pem new.pem.rotation 2> /dev/null)" ] || die 'a dry run left a file'

# ---- the whole way, interrupted while it waits ----
# begin ARGUMENT...: a run in the background that has come to its wait
begin()
{
    : > "$tmp/waiting"
    env --default-signal=INT "${rotate[@]}" "$@" > "$out" 2> "$tmp/waiting" &
    pid=$!
    until grep -q 'waiting until' "$tmp/waiting"; do
        if ! kill -0 "$pid" 2> /dev/null; then
            cp "$tmp/waiting" "$err"
            die 'it does not wait'
        fi
        sleep 0.05
    done
}

# ended CODE: the run in the background
ended()
{
    local code=0

    wait "$pid" || code=$?
    cp "$tmp/waiting" "$err"
    [ "$code" = "$1" ] || die "exit code $code, expected $1"
}

begin --yes --now 2030-01-01T00:00:00Z
# A second run has to wait for the first.
fails 1 'new.pem.rotation is in use by another run' "${rotate[@]}" --yes
kill -s INT "$pid"
ended 130
silent "$out"
contains "$err" 'mint with new.pem from now on'
contains "$err" 'the rotation is at the step "imported"; the same command goes on'
mode new.pem 600
mode new.pem.rotation 600
[ "$(jq -r .old_fingerprint new.pem.rotation)" = "$print" ] || die 'the fingerprint'
lacks new.pem.rotation "$(sed -n 2p new.pem | cut -c 1-40)"
new=$(jq -r .new_arn new.pem.rotation)
has "$old" "$new"
cp new.pem.rotation kept

# What is recorded is compared.
spare=$(imported spare.pem spare)
fails 1 "belongs to another --old: $old, not $spare" "$cli" key rotate \
    --old "$spare" --out new.pem --name new --yes
fails 1 'belongs to another --name: new, not other' "$cli" key rotate \
    --old "$old" --out new.pem --name other --yes
fails 1 'belongs to another account: 000000000000, not 111111111111' "$cli" \
    key rotate --old "${old/000000000000/111111111111}" --out new.pem --name new --yes
fails 1 'belongs to another region: us-west-2, not eu-west-1' env -u AWS_REGION \
    "$cli" key rotate --old "${old/us-west-2/eu-west-1}" --out new.pem --name new --yes
fails 1 'belongs to another endpoint' "${rotate[@]}" --yes \
    --endpoint-url http://127.0.0.1:1
fails 1 'third.pem is not the key of' "${rotate[@]}" --yes --old-key third.pem
cp new.pem mine.pem
cp third.pem new.pem
fails 1 'new.pem holds another key than the one of this rotation' "${rotate[@]}" --yes
rm new.pem
fails 1 'new.pem: No such file' "${rotate[@]}" --yes
cp mine.pem new.pem
has "$old" "$new" "$spare"

# Damage: each byte that is changed, and each length that is less.
size=$(stat -c %s kept)
for ((at = 0; at < size - 1; at += 13)); do
    cp kept new.pem.rotation
    printf '~' | dd of=new.pem.rotation bs=1 seek="$at" conv=notrunc status=none
    fails 1 'the rotation file new.pem.rotation' "${rotate[@]}" --yes
    head -c "$at" kept > new.pem.rotation
    [ "$at" = 0 ] || fails 1 'is damaged' "${rotate[@]}" --yes
done
# shape FILTER: a document that is well-formed, and none of ours
shape()
{
    jq "$1" kept > new.pem.rotation
    fails 1 "$2" "${rotate[@]}" --yes
}
shape '.imported_s -= 600' 'its checksum is another'
shape '.wait_s = 0' 'its checksum is another'
shape '.step = "verified"' 'its checksum is another'
shape '.step = "none"' 'its members are not those of a rotation'
shape '.format = 2' 'it has another format'
shape '.more = 1' 'its members are not those of a rotation'
shape 'del(.name)' 'its members are not those of a rotation'
shape '.name = 5' 'its members are not those of a rotation'
shape '.name = "x" * 200' 'its members are not those of a rotation'
shape '.wait_s = -1' 'its members are not those of a rotation'
shape '.wait_s = 4000000000000000000' 'its members are not those of a rotation'
shape '.imported_s = 253402300800' 'its members are not those of a rotation'
shape '[.]' 'it is not a JSON object'
shape '.name = "x" * 4000' 'it is too long'
contains "$err" 'ivs-token key match --key new.pem'
ln -sf kept new.pem.rotation
fails 1 'cannot open the rotation file' "${rotate[@]}" --yes
rm new.pem.rotation
mkfifo new.pem.rotation
fails 1 'is not a file' "${rotate[@]}" --yes
rm new.pem.rotation
fails 1 'new.pem exists already, and no rotation to it is recorded' "${rotate[@]}" --yes
cp kept new.pem.rotation
chmod 600 new.pem.rotation
has "$old" "$new" "$spare"

# Before ten minutes are over there is one to wait for; ten later there is none.
expect 0 "${rotate[@]}" --dry-run --json
json .step imported
json .new_arn "$new"
imported_at=$(jq -r .imported_at "$out") # the run took a moment to come to it
until=$(jq -r '.imported_at | fromdate + 600 | todate' "$out")
json .delete_after "$until"
begin --yes --now 2030-01-01T00:09:31Z
kill -s TERM "$pid"
ended 143
contains "$err" 'going on after the step "imported"'
contains "$err" "waiting until $until, 0:00:"
# A clock that was set back: the whole time.
begin --yes --now 2029-12-31T00:00:00Z
kill -s INT "$pid"
ended 130
contains "$err" "waiting until $until, 0:10:00 left"
expect 0 "${rotate[@]}" --yes --old-key old.pem --now "$until"
is "$out" "$new"
contains "$err" "deleted $old"
lacks "$err" waiting
has "$new" "$spare"
# Once more does nothing, and says so.
expect 0 "${rotate[@]}" --yes --json
json .step deleted
json .resumed_from deleted
json .new_arn "$new"
json .imported_at "$imported_at"
contains "$err" "the rotation of new.pem.rotation is complete, and nothing is left to do; another one needs --old $new and another --out FILE"
lacks "$err" 'going on'
lacks "$err" deleted
expect 0 "${rotate[@]}" --dry-run
[ "$(grep -c '^done      ' "$out")" = 5 ] || die 'five steps'
contains "$err" 'is complete'
lacks "$err" 'key pairs in'
has "$new" "$spare"
cmp new.pem mine.pem

# ---- the next one: encrypted, with a short wait ----
printf 'a secret' > pass
old=$new
rotate=("$cli" key rotate --old "$old" --out next.pem --name next --passphrase-file pass)
begin --yes
kill -s INT "$pid"
ended 130
contains next.pem 'BEGIN ENCRYPTED PRIVATE KEY'
cp next.pem.rotation kept
new=$(jq -r .new_arn kept)
# Another wait than the recorded one; a public old key.
expect 0 "$cli" key export --key mine.pem --format spki
cp "$out" mine.pub
expect 0 "${rotate[@]}" --yes --grace 1s --old-key mine.pub
contains "$err" 'waiting 1 second, not 600 as recorded'
is "$out" "$new"
has "$new" "$spare"
# What was done and not recorded is found out.
cp kept next.pem.rotation
expect 0 "${rotate[@]}" --yes --grace 0
contains "$err" "$old is gone already"
has "$new" "$spare"
# Without the new pair, nothing is deleted.
expect 0 "$cli" key delete --yes "$new"
old=$spare
rotate=("$cli" key rotate --old "$old" --out gone.pem --name gone)
begin --yes
kill -s INT "$pid"
ended 130
new=$(jq -r .new_arn gone.pem.rotation)
expect 0 "$cli" key delete --yes "$new"
fails 5 'ResourceNotFoundException' "${rotate[@]}" --yes --grace 0
contains "$err" 'the rotation is at the step "waited"'
has "$old"

# ---- on a terminal ----
rotate=("$cli" key rotate --old "$old" --out asked.pem --name asked --grace 0)
# asked ANSWER
asked()
{
    python3 "$here/ask.py" \
        'useless, and --grace 0 waits for none of them. [y/N] ' "$1" "${rotate[@]}"
}
code=0
asked n > "$out" || code=$?
[ "$code" = 1 ] || die "no is no: $code"
contains "$out" 'the old pair was not deleted'
contains "$out" 'the rotation is at the step "verified"'
new=$(jq -r .new_arn asked.pem.rotation)
has "$old" "$new"
code=0
asked $'\003' > "$out" || code=$? # Control-C
[ "$code" = 130 ] || die "exit code $code, expected 130"
contains "$out" 'the same command goes on'
asked y > "$out"
contains "$out" "deleted $old"
has "$new"
old=$new
# Between the last question and the deletion somebody removed the new pair.
rotate=("$cli" key rotate --old "$old" --out late.pem --name late --grace 0)
code=0
asked n > "$out" || code=$?
[ "$code" = 1 ] || die "no is no: $code"
expect 0 "$cli" key delete --yes "$(jq -r .new_arn late.pem.rotation)"
fails 5 'ResourceNotFoundException' "${rotate[@]}" --yes
contains "$err" 'the rotation is at the step "verified"'
has "$old"
rotate=("$cli" key rotate --old "$old" --out live.pem --name live --grace 9s)
python3 "$here/ask.py" 'useless. [y/N] ' y "${rotate[@]}" > "$out"
# Once a second, or what is left of that on a busy machine.
[ "$(grep -o '0:00:0[0-9] left' "$out" | sort -u | wc -l)" -ge 2 ] || die 'no countdown'
new=$(jq -r .new_arn live.pem.rotation)
has "$new"

# ---- three of three ----
old=$new
spare=$(imported spare.pem spare)
third=$(imported third.pem third)
rotate=("$cli" key rotate --old "$old" --out full.pem --name full)
fails 5 'has 3 of 3 key pairs, and a rotation needs room for one more' "${rotate[@]}" --yes
contains "$err" "$old live"
contains "$err" '(to be replaced)'
contains "$err" "ivs-token key delete $spare"
contains "$err" "ivs-token key delete $third"
contains "$err" '(--keys DIR shows'
mkdir keys
cp third.pem spare.pub keys
fails 5 'has 3 of 3 key pairs' "${rotate[@]}" --yes --keys keys
contains "$err" 'keys/third.pem'
contains "$err" "ivs-token key delete $spare (no private key of it is in keys)"
contains "$err" "ivs-token key delete $third (its private key is in keys)"
# What nobody here can mint with comes first.
[ "$(grep -n "key delete $spare" "$err" | cut -d : -f 1)" -lt \
    "$(grep -n "key delete $third" "$err" | cut -d : -f 1)" ] || die 'the order'
cp "$err" named
fails 5 'has 3 of 3 key pairs' "${rotate[@]}" --dry-run
[ -z "$(ls full.pem full.pem.rotation 2> /dev/null)" ] || die 'a file is left'
has "$old" "$spare" "$third"
# The command that it names makes room.
# shellcheck disable=SC2046 # three words
expect 0 "$cli" $(grep -o "key delete $spare" named) --yes
expect 0 "${rotate[@]}" --yes --grace 0
has "$third" "$(jq -r .new_arn full.pem.rotation)"

# ---- a stdout that takes nothing, a full disk ----
old=$third
rotate=("$cli" key rotate --old "$old" --out last.pem --name last --yes --grace 0)
fails 1 'cannot write the rotation file last.pem.rotation: File too large' \
    full "${rotate[@]}"
[ -z "$(ls last.pem* 2> /dev/null)" ] || die 'a file is left'
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "${rotate[@]}"
    contains "$err" "$old was deleted"
    expect 0 "${rotate[@]}"
    is "$out" "$(jq -r .new_arn last.pem.rotation)"
fi
