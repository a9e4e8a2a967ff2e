#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# key generate, show, export.
# shellcheck source=tests/cli/lib.sh
source "$IVS_SOURCE_DIR/tests/cli/lib.sh"

# The fingerprint by OpenSSL: MD5 of the DER public key.
fingerprint()
{
    openssl pkey -in "$1" -pubout -outform DER "${@:2}" | openssl md5 -c |
        sed 's/.*= //'
}

# generate: two files, their modes, a key that OpenSSL takes.
expect 0 "$cli" key generate --out k.pem --public-out p.pem
silent "$err"
mode k.pem 600
mode p.pem 644
openssl pkey -in k.pem -noout -check > /dev/null
is "$out" "$(fingerprint k.pem)"
openssl pkey -in k.pem -pubout | cmp - p.pem
cp k.pem first.pem

# Nothing is ever overwritten, and a second file in the way costs no first.
fails 1 'k.pem exists already' "$cli" key generate --out k.pem
cmp k.pem first.pem
fails 1 'p.pem exists already' "$cli" key generate --out n.pem --public-out p.pem
[ ! -e n.pem ] || die 'n.pem was made'
ln -s nowhere dangling.pem
fails 1 'dangling.pem exists already' "$cli" key generate --out dangling.pem
fails 1 'cannot create none/k.pem: No such file or directory' \
    "$cli" key generate --out none/k.pem
fails 2 'name the same file' "$cli" key generate --out n.pem --public-out n.pem
fails 2 'found -, expected the name of a file' \
    "$cli" key generate --out n.pem --public-out -
[ ! -e n.pem ] || die 'n.pem was made'

# A umask that takes nothing away.
(umask 0 && expect 0 "$cli" key generate --out open.pem)
mode open.pem 600

# To stdout.
expect 0 "$cli" key generate --out -
cp "$out" stdout.pem
contains "$err" "fingerprint $(fingerprint stdout.pem)"
fails 2 'no place for --json' "$cli" key generate --out - --json

# --json
expect 0 "$cli" --json key generate --out j.pem
json .private_key_file j.pem
json .public_key_file null
json .encrypted false
json .fingerprint "$(fingerprint j.pem)"

# Encrypted.
printf 'a long secret\r\n' > pass
printf 'a long secret' > pass-bare
printf 'another' > wrong
: > empty
expect 0 "$cli" key generate --out enc.pem --passphrase-file pass
contains enc.pem 'BEGIN ENCRYPTED PRIVATE KEY'
is "$out" "$(fingerprint enc.pem -passin file:pass-bare)"
expect 0 "$cli" key show --key enc.pem --passphrase-file pass-bare
expect 0 "$cli" key show --key enc.pem --passphrase-file - < pass
fails 1 'passphrase' "$cli" key show --key enc.pem
contains "$err" '--passphrase-file'
fails 1 'enc.pem' "$cli" key show --key enc.pem --passphrase-file wrong
lacks "$err" another
fails 1 'the passphrase in empty is empty' \
    "$cli" key show --key enc.pem --passphrase-file empty
fails 1 'cannot open missing' \
    "$cli" key show --key enc.pem --passphrase-file missing
fails 2 '--passphrase-file and --key both ask for standard input, which can be read once' \
    "$cli" key show --key - --passphrase-file - < enc.pem
fails 1 'standard input: nothing where a P-384 key was expected' \
    "$cli" key show --key - < /dev/null

# show: private and public, from a file and from stdin.
expect 0 "$cli" key show --key k.pem
contains "$out" 'kind         private'
contains "$out" "fingerprint  $(fingerprint k.pem)"
contains "$out" "$(sed -n 2p p.pem)"
lacks "$out" PRIVATE
silent "$err"
expect 0 "$cli" key show --json --key - < p.pem
json .kind public
json .curve P-384
json .fingerprint "$(fingerprint k.pem)"
json .public_key_pem "$(cat p.pem)"

# A key file that others can read works, with a notice.
cp k.pem group.pem
chmod 640 group.pem
expect 0 "$cli" key show --key group.pem
contains "$err" 'notice: others can read the private key in group.pem'
expect 0 "$cli" key show --key p.pem
silent "$err"

# export: every form is read back as the same key.
for form in pkcs8 sec1 spki jwk; do
    expect 0 "$cli" key export --key k.pem --format "$form"
    silent "$err"
    cp "$out" "form.$form"
    chmod 600 "form.$form"
    expect 0 "$cli" key show --json --key "form.$form"
    json .fingerprint "$(fingerprint k.pem)"
done
openssl pkey -in form.pkcs8 -noout -check > /dev/null
openssl ec -in form.sec1 -noout -check > /dev/null 2>&1
cmp form.spki p.pem
jq -e '.kty == "EC" and .crv == "P-384"' form.jwk > /dev/null
expect 0 "$cli" key export --key k.pem --format pkcs8 --passphrase-file pass
contains "$out" 'BEGIN ENCRYPTED PRIVATE KEY'
silent "$err"
expect 0 "$cli" key export --key k.pem --format spki --passphrase-file pass
silent "$err"
# Only pkcs8 has an encrypted form; the passphrase may be that of the input.
for form in sec1 jwk; do
    expect 0 "$cli" key export --key enc.pem --format "$form" --passphrase-file pass
    is "$err" 'ivs-token: notice: the exported key is not encrypted; only pkcs8 can be'
done
expect 0 "$cli" key export --key p.pem --format jwk --passphrase-file pass
silent "$err"
expect 0 "$cli" key export --key p.pem --format jwk --json
json .format jwk
json '.key | fromjson | has("d")' false
fails 2 '--format: found "pem", expected pkcs8, sec1, spki or jwk' \
    "$cli" key export --key k.pem --format pem
for form in pkcs8 sec1; do
    fails 1 'p.pem holds a public key, but a private one is needed' \
        "$cli" key export --key p.pem --format "$form"
done

# What is no key for this.
openssl ecparam -name prime256v1 -genkey -noout -out p256.pem
openssl genrsa -out rsa.pem 2048 2> /dev/null
head -c 120 k.pem > cut.pem
cat k.pem j.pem > two.pem
printf 'not a key\n\x1b[31m' > text.pem
chmod 600 p256.pem rsa.pem cut.pem two.pem text.pem
fails 1 'P-384' "$cli" key show --key p256.pem
fails 1 'rsa.pem' "$cli" key show --key rsa.pem
grep -qi rsa <(sed 's/rsa.pem//g' "$err") || die 'RSA is not named'
fails 1 'cut.pem' "$cli" key show --key cut.pem
fails 1 'two.pem' "$cli" key show --key two.pem
fails 1 'text.pem' "$cli" key show --key text.pem
fails 1 'empty' "$cli" key show --key empty
fails 1 'missing.pem: No such file or directory' \
    "$cli" key show --key missing.pem
fails 1 'Is a directory' "$cli" key show --key .
if [ "$(id -u)" != 0 ]; then
    cp k.pem hidden.pem
    chmod 0 hidden.pem
    fails 1 'Permission denied' "$cli" key show --key hidden.pem
fi

# A full disk: no file, not even half of one, and no fingerprint to trust.
mkdir full
fails 1 'full/k.pem' full "$cli" key generate --out full/k.pem
[ -z "$(ls -A full)" ] || die 'something is left in full/'
if [ -w /dev/full ]; then
    # shellcheck disable=SC2016
    expect 1 bash -c '"$@" > /dev/full' full "$cli" key generate --out -
    contains "$err" 'No space left on device'
fi
# The directory of the second file goes away between the check and the write:
# not to be had here; one that cannot be written is.
if [ "$(id -u)" != 0 ]; then
    mkdir shut
    chmod 500 shut
    fails 1 'shut/p.pem' "$cli" key generate --out kept.pem \
        --public-out shut/p.pem
    contains "$err" 'the private key is in kept.pem'
    expect 0 "$cli" key show --key kept.pem
fi
