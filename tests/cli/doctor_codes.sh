#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# doctor: every rule of tokens that one can break is told by its own code, and
# every code of doctor has a test.
# shellcheck source=tests/cli/doctor_lib.sh
source "$IVS_SOURCE_DIR/tests/cli/doctor_lib.sh"

emulator --no-quotas
fresh '{"authorized":true}'
stream "$channel" start
keys 1
expect 0 "$cli" key import --key 1.pub --name one
all=(--key 1.pem --token token)
now=$(date +%s)
ch="\"aws:channel-arn\":\"$channel\""
soon="\"exp\":$((now + 300))"
header='{"alg":"ES384","typ":"JWT"}'

# broken CODE CLAIMS [HEADER [KIND]]: told by this code, and mended by a mint
broken()
{
    claims "${@:2}"
    concludes 3 "$1" 'token mint' "${all[@]}"
}

# noted CODE CLAIMS
noted()
{
    claims "$2"
    notes "$1" "${all[@]}"
}

# ---- what is no token ----

claims "{$ch,$soon,\"x\":\"$(head -c 13000 /dev/zero | tr '\0' x)\"}"
concludes 3 too_long 'token mint' "${all[@]}"
claims "{$ch,$soon}"
sed -i 's/\./=./' token
concludes 3 base64url 'token mint' "${all[@]}"
broken header_json "{$ch,$soon}" 'nothing'
broken utf8 "{$ch,$soon,\"x\":\"$(printf '\xff')\"}"
broken json "{$ch,$soon"
broken json_duplicate "{$ch,$ch,$soon}"
broken json_depth "{$ch,$soon,\"x\":$(printf '[%.0s' {1..20})$(printf ']%.0s' {1..20})}"
broken json_number "{$ch,\"exp\":1e999}"
broken alg "{$ch,$soon}" '{"alg":"ES256","typ":"JWT"}'
broken typ "{$ch,$soon}" '{"alg":"ES384","typ":"at+jwt"}'
broken header_member "{$ch,$soon}" '{"alg":"ES384","typ":"JWT","crit":["x"]}'
broken signature_length "{$ch,$soon}" "$header" short
broken signature_range "{$ch,$soon}" "$header" zero

# ---- claims ----

broken channel_arn "{\"aws:channel-arn\":\"x\",$soon}"
broken exp_missing "{$ch}"
broken exp_type "{$ch,\"exp\":\"$((now + 300))\"}"
broken exp_float "{$ch,\"exp\":$((now + 300)).5}"
broken nbf_future "{$ch,$soon,\"nbf\":$((now + 200))}"
broken nbf_type "{$ch,$soon,\"nbf\":\"$now\"}"
broken iat_future "{$ch,$soon,\"iat\":$((now + 200))}"
broken iat_type "{$ch,$soon,\"iat\":\"$now\"}"
id='"aws:viewer-id":"v"'
broken viewer_session_version "{$ch,$soon,$id,\"aws:viewer-session-version\":-1}"
contains repair '--viewer-version now'
broken single_use_uuid "{$ch,$soon,\"aws:single-use-uuid\":\"x\"}"
broken resolution "{$ch,$soon,\"aws:maximum-resolution\":\"4K\"}"
lacks repair --max-resolution
origins='"aws:access-control-allow-origin":'
strict='"aws:strict-origin-enforcement":true'
broken origin_list "{$ch,$soon,${origins}1}"
broken strict_origin "{$ch,$soon,$origins\"https://a\",\"aws:strict-origin-enforcement\":1}"
broken strict_without_origins "{$ch,$soon,$strict}"
broken strict_too_many_origins \
    "{$ch,$soon,$strict,$origins\"https://a,https://b,https://c,https://d,https://e,https://f\"}"

# ---- what the service takes ----

noted token_over_2kb "{$ch,$soon,\"x\":\"$(head -c 2100 /dev/zero | tr '\0' x)\"}"
claims "{$ch,\"exp\":$((now + 598)),$id}"
notes clock_skew_margin "${all[@]}" --now "$now"
noted version_without_viewer_id "{$ch,$soon,\"aws:viewer-session-version\":1}"
noted unknown_aws_member "{$ch,$soon,\"aws:x\":1}"
noted no_viewer_id "{$ch,$soon,\"sub\":\"v\",\"userId\":\"v\"}" # P20

# ---- every code has a test; the last is of a failure within the program ----

grep -oE '^    \{"[a-z_0-9]+", CHECK' "$IVS_SOURCE_DIR/tools/ivs-token/doctor_causes.c" |
    cut -d '"' -f 2 > codes
[ "$(wc -l < codes)" -gt 70 ] || die 'the table of causes was not understood'
while read -r code; do
    grep -qE "(concludes [0-9]|notes|broken|noted|\.cause) $code( |\$)" "$here"/doctor*.sh ||
        [ "$code" = token_other ] || [ "$code" = service_failed ] || die "no test of $code"
done < codes
