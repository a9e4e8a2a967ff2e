/* SPDX-License-Identifier: MIT */
/* The operations that are measured, and the stub engine: it signs and verifies
 * nothing, so that what is left is our own code. */

#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/key.h"
#include "token/key_object.h"

#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGh1234"
#define ORIGIN  "https://www.example.com"

const char *const bench_engine_names[BENCH_ENGINES] = {
    [BENCH_STUB] = "own code",
    [BENCH_OPENSSL] = "openssl",
    [BENCH_GNUTLS] = "gnutls",
};

const char *const bench_kind_names[BENCH_KINDS] = {
    [BENCH_LIBRARY_RANDOM] = "library sign, rnd",
    [BENCH_LIBRARY_SIGN] = "library sign",
    [BENCH_LIBRARY_VERIFY] = "library verify",
    [BENCH_ENGINE_SIGN] = "engine sign",
    [BENCH_ENGINE_VERIFY] = "engine verify",
    [BENCH_MINT] = "mint",
    [BENCH_VERIFY] = "verify",
    [BENCH_KEY_PEM] = "key from PEM",
    [BENCH_KEY_NUMBERS] = "key from numbers",
};

/* ---- the stub engine ---- */

static ivs_status
stub_sign(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
          uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err)
{
    (void)state;
    (void)err;
    memcpy(ret, digest, IVS_ES384_DIGEST_BYTES);
    memcpy(ret + IVS_P384_BYTES, digest, IVS_ES384_DIGEST_BYTES);
    ret[0] = ret[IVS_P384_BYTES] = 1; /* below n */
    return IVS_OK;
}

static ivs_status
stub_verify(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
            const uint8_t signature[IVS_ES384_SIGNATURE_BYTES], bool *ret_good,
            ivs_error *err)
{
    (void)state;
    (void)err;
    *ret_good = memcmp(digest + 1, signature + 1, IVS_P384_BYTES - 1) == 0;
    return IVS_OK;
}

static void
stub_free(void *state)
{
    (void)state;
}

static const ivs_ecdsa_engine stub_engine = {
    .name = "stub",
    .sign = stub_sign,
    .verify = stub_verify,
    .free = stub_free,
};

static ivs_status
stub_key(ivs_key **ret)
{
    ivs_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return IVS_E_NOMEM;
    key->has_private = true;
    key->ecdsa.engine = &stub_engine;
    *ret = key;
    return IVS_OK;
}

/* ---- operations ---- */

/* A token as a shop mints it for one viewer. */
static ivs_status
mint(const bench_subject *s, char token[IVS_TOKEN_MAX], size_t *ret_len,
     ivs_error *err)
{
    static const char *const origins[] = {ORIGIN};
    ivs_claims claims;

    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = CHANNEL;
    claims.viewer_id = "viewer-20394";
    claims.has_viewer_session_version = true;
    claims.viewer_session_version = BENCH_NOW;
    claims.origins = origins;
    claims.norigins = 1;
    claims.ttl_s = 300;
    return ivs_token_mint(s->key, &claims, BENCH_NOW, token, IVS_TOKEN_MAX,
                          ret_len, err);
}

static ivs_status
verify(const bench_subject *s, ivs_error *err)
{
    static const char *const channels[] = {CHANNEL};
    const ivs_key *keys[] = {s->key};
    ivs_verified *verified = NULL;
    ivs_verify_options opt;
    ivs_status status;

    ivs_verify_options_init(&opt, sizeof opt);
    opt.channel_arns = channels;
    opt.nchannel_arns = 1;
    opt.origin = ORIGIN;
    status = ivs_token_verify(keys, 1, s->token, s->token_len, &opt, BENCH_NOW,
                              &verified, err);
    ivs_verified_free(verified);
    return status;
}

static ivs_status
load_key(const bench_subject *s, bool from_pem, ivs_key **ret, ivs_error *err)
{
    ivs_engine engine =
        s->engine == BENCH_GNUTLS ? IVS_ENGINE_GNUTLS : IVS_ENGINE_OPENSSL;
    ivs_key_options opt;

    if (!from_pem)
        return ivs_key_from_numbers(s->point, s->d, engine, ret, err);
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = engine;
    return ivs_key_parse(s->pem, s->pem_len, &opt, ret, err);
}

static bool
load_and_free(const bench_subject *s, bool from_pem)
{
    ivs_key *key = NULL;
    bool ok = load_key(s, from_pem, &key, NULL) == IVS_OK;

    ivs_key_free(key);
    return ok;
}

bool
bench_has(int engine, int kind)
{
    if (engine == BENCH_STUB)
        return kind == BENCH_MINT || kind == BENCH_VERIFY;
    return kind != BENCH_LIBRARY_RANDOM || engine == BENCH_GNUTLS;
}

bool
bench_do(bench_lane *lane, int kind)
{
    const bench_subject *s = lane->subject;
    uint8_t signature[IVS_ES384_SIGNATURE_BYTES];
    bool good = false;

    switch (kind) {
    case BENCH_LIBRARY_RANDOM:
        return s->raw->sign_random(lane->raw, s->digest);
    case BENCH_LIBRARY_SIGN:
        return s->raw->sign(lane->raw, s->digest);
    case BENCH_LIBRARY_VERIFY:
        return s->raw->verify(lane->raw, s->digest);
    case BENCH_ENGINE_SIGN:
        return ivs_key_sign_digest(s->key, s->digest, signature, NULL) ==
               IVS_OK;
    case BENCH_ENGINE_VERIFY:
        return ivs_key_verify_digest(s->key, s->digest, s->signature, &good,
                                     NULL) == IVS_OK &&
               good;
    case BENCH_MINT:
        return mint(s, lane->token, NULL, NULL) == IVS_OK;
    case BENCH_VERIFY:
        return verify(s, NULL) == IVS_OK;
    case BENCH_KEY_PEM:
        return load_and_free(s, true);
    case BENCH_KEY_NUMBERS:
        return load_and_free(s, false);
    default:
        return false;
    }
}

/* ---- setting up ---- */

/* The numbers, for those who start from them. */
static ivs_status
take_numbers(bench_subject *s, ivs_error *err)
{
    memcpy(s->point, s->key->point, sizeof s->point);
    if (!ivs_key_private_number(s->key->pkey, s->d))
        return IVS_E_CRYPTO;
    return ivs_key_sign_digest(s->key, s->digest, s->signature, err);
}

bool
bench_subject_init(bench_subject *s, int engine, const char *pem,
                   size_t pem_len)
{
    ivs_error err = {0};
    ivs_status status;

    memset(s, 0, sizeof *s); /* a literal would go over the stack */
    s->engine = engine;
    s->pem_len = pem_len;
    memset(s->digest, 0x5a, sizeof s->digest);
    s->pem = malloc(pem_len);
    if (s->pem == NULL)
        return false;
    memcpy(s->pem, pem, pem_len);
    if (engine == BENCH_STUB)
        status = stub_key(&s->key);
    else
        status = load_key(s, true, &s->key, &err);
    if (status == IVS_OK && engine != BENCH_STUB)
        status = take_numbers(s, &err);
    if (engine == BENCH_OPENSSL)
        s->raw = &bench_raw_openssl;
#ifdef IVS_HAVE_GNUTLS
    if (engine == BENCH_GNUTLS)
        s->raw = &bench_raw_gnutls;
#endif
    if (status == IVS_OK)
        status = mint(s, s->token, &s->token_len, &err);
    if (status == IVS_OK)
        return true;
    (void)fprintf(stderr, "bench: %s: %s\n", bench_engine_names[engine],
                  err.message);
    return false;
}

void
bench_subject_clear(bench_subject *s)
{
    ivs_key_free(s->key);
    free(s->pem);
    memset(s, 0, sizeof *s);
}

bool
bench_lane_init(bench_lane *lane, const bench_subject *s)
{
    lane->subject = s;
    lane->raw = NULL;
    if (s->raw == NULL)
        return true;
    lane->raw = s->raw->open(s->point, s->d, s->digest);
    return lane->raw != NULL;
}

void
bench_lane_clear(bench_lane *lane)
{
    if (lane->raw != NULL)
        lane->subject->raw->close(lane->raw);
    lane->raw = NULL;
}
