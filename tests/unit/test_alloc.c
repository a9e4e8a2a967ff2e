/* SPDX-License-Identifier: MIT */
/* What mint and verify take from the heap, counted over an engine that takes
 * nothing. The hash is OpenSSL's and JSON jansson's: not counted here. */

#include "support/test.h"

#include <string.h>

#include <ivs/token.h>

#include "support/countalloc.h"
#include "token/key_object.h"

#define NOW     1767225600
#define CHANNEL "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh"
#define UUID    "123e4567-e89b-42d3-a456-426614174000"

static char token[IVS_TOKEN_MAX];
static size_t token_len;

/* ---- an engine of no work: every signature is the same, and good ---- */

static ivs_status
stub_sign(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
          uint8_t ret[IVS_ES384_SIGNATURE_BYTES], ivs_error *err)
{
    (void)state;
    (void)digest;
    (void)err;
    memset(ret, 0x5a, IVS_ES384_SIGNATURE_BYTES);
    return IVS_OK;
}

static ivs_status
stub_verify(const void *state, const uint8_t digest[IVS_ES384_DIGEST_BYTES],
            const uint8_t signature[IVS_ES384_SIGNATURE_BYTES], bool *ret_good,
            ivs_error *err)
{
    (void)state;
    (void)digest;
    (void)err;
    *ret_good = signature[0] == 0x5a;
    return IVS_OK;
}

static const ivs_ecdsa_engine stub = {
    .name = "stub", .sign = stub_sign, .verify = stub_verify};
static const ivs_key key = {.has_private = true, .ecdsa = {.engine = &stub}};
static const ivs_key *const keys[] = {&key};

/* ---- the shape of claims, and what it costs ---- */

static const char *const origins[] = {
    "https://a.example", "https://*.b.example", "https://c.example:8443",
    "https://d.example", "capacitor://localhost"};

enum { VIEWER = 1, ORIGINS = 2, ALL = 4, EXTRA = 8, LONG_EXTRA = 16 };

static char long_extra[4000];

static void
fill(unsigned what, ivs_claims *claims)
{
    ivs_claims_init(claims, sizeof *claims);
    claims->channel_arn = CHANNEL;
    claims->ttl_s = 300;
    if ((what & (VIEWER | ALL)) != 0) {
        claims->viewer_id = "v\xc3\xa4lkommen \"quoted\" \\";
        claims->has_viewer_session_version = true;
        claims->viewer_session_version = INT64_MAX;
    }
    if ((what & (ORIGINS | ALL)) != 0) {
        claims->origins = origins;
        claims->norigins = sizeof origins / sizeof origins[0];
        claims->strict_origin_enforcement = true;
    }
    if ((what & ALL) != 0) {
        claims->single_use_uuid = UUID;
        claims->maximum_resolution = IVS_RESOLUTION_FULL_HD;
    }
    if ((what & EXTRA) != 0)
        claims->extra_json = "{\"team\":\"x\"}";
    if ((what & LONG_EXTRA) != 0)
        claims->extra_json = long_extra;
}

static struct countalloc
mint(unsigned what)
{
    ivs_claims claims;
    ivs_error err = {0};
    struct countalloc n;
    ivs_status s = IVS_E_STATE;

    fill(what, &claims);
    n = COUNTALLOC_OF(s = ivs_token_mint(&key, &claims, NOW, token,
                                         sizeof token, &token_len, &err));
    assert_string_equal(err.message, "");
    assert_int_equal(s, IVS_OK);
    return n;
}

static void
mint_takes_nothing_and_no_lock(void **state)
{
    static const unsigned rows[] = {0, VIEWER, ORIGINS, ALL};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct countalloc n = mint(rows[i]);

        assert_int_equal(n.taken, 0);
        assert_int_equal(n.given, 0);
        assert_int_equal(n.locks, 0);
    }
}

/* Further claims are jansson's to check; ours is nothing up to a payload of
 * 1,200 bytes, and what grows in doubling steps above. */
static void
mint_of_further_claims_takes_memory_for_long_ones_only(void **state)
{
    struct countalloc n;

    (void)state;
    n = mint(EXTRA | ALL);
    assert_int_equal(n.taken, 0);
    n = mint(LONG_EXTRA);
    assert_true(n.taken > 0);
    assert_int_equal(n.given, n.taken);
    assert_int_equal(n.locks, 0);
}

static void
mint_that_refuses_takes_nothing(void **state)
{
    ivs_claims claims;
    ivs_error err = {0};
    struct countalloc n;
    ivs_status s = IVS_OK;

    (void)state;
    fill(ALL, &claims);
    claims.ttl_s = 601;
    n = COUNTALLOC_OF(s = ivs_token_mint(&key, &claims, NOW, token,
                                         sizeof token, &token_len, &err));
    assert_int_equal(s, IVS_E_ARG);
    assert_int_equal(n.taken, 0);
    assert_int_equal(n.locks, 0);
}

/* The result is one block, the decoded segments in it. Origins are a second,
 * their list and text; members that are not IVS's a third, as JSON. */
static void
verify_takes_its_result_and_no_more(void **state)
{
    static const struct {
        unsigned what;
        size_t taken;
    } rows[] = {
        {0, 1},     {VIEWER, 1},         {ORIGINS, 2},     {ALL, 2},
        {EXTRA, 2}, {EXTRA | VIEWER, 2}, {EXTRA | ALL, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ivs_verify_options opt;
        ivs_verified *good = NULL;
        ivs_error err = {0};
        struct countalloc n, back;
        ivs_status s = IVS_E_STATE;

        (void)mint(rows[i].what);
        ivs_verify_options_init(&opt, sizeof opt);
        opt.origin = "https://x.b.example";
        n = COUNTALLOC_OF(s = ivs_token_verify(keys, 1, token, token_len, &opt,
                                               NOW, &good, &err));
        assert_string_equal(err.message, "");
        assert_int_equal(s, IVS_OK);
        assert_int_equal(n.taken, rows[i].taken);
        assert_int_equal(n.given, 0);
        assert_int_equal(n.locks, 0);
        /* The block: the token's length, a little more for the record. */
        if (rows[i].taken == 1)
            assert_true(n.bytes < token_len + 512);
        back = COUNTALLOC_OF(ivs_verified_free(good));
        assert_int_equal(back.taken, 0);
        assert_int_equal(back.given, rows[i].taken);
    }
}

static void
verify_without_a_result_gives_all_back(void **state)
{
    struct countalloc n;
    ivs_status s = IVS_E_STATE;

    (void)state;
    (void)mint(ALL | EXTRA);
    n = COUNTALLOC_OF(
        s = ivs_token_verify(
            keys, 1, token, token_len,
            &(ivs_verify_options){.size = sizeof(ivs_verify_options),
                                  .origin = "https://a.example"},
            NOW, NULL, NULL));
    assert_int_equal(s, IVS_OK);
    assert_int_equal(n.taken, 3);
    assert_int_equal(n.given, 3);
}

static struct countalloc
refused(const char *text, size_t len)
{
    struct countalloc n;
    ivs_verified *good = NULL;
    ivs_status s = IVS_OK;

    n = COUNTALLOC_OF(
        s = ivs_token_verify(keys, 1, text, len, NULL, NOW, &good, NULL));
    assert_int_equal(s, IVS_E_TOKEN);
    assert_null(good);
    assert_int_equal(n.given, n.taken);
    assert_int_equal(n.locks, 0);
    return n;
}

/* What is too long or has not three segments costs no memory, however long. */
static void
verify_refuses_the_misshapen_before_it_takes_memory(void **state)
{
    static const size_t lengths[] = {IVS_TOKEN_MAX + 1, 1 << 20, 10 << 20};
    char *text = calloc(1, 10 << 20);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', 10 << 20);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_int_equal(refused(text, lengths[i]).taken, 0);
    assert_int_equal(refused(text, 100).taken, 0);
    assert_int_equal(refused("", 0).taken, 0);
    assert_int_equal(refused("a.b.c.d", 7).taken, 0);
    text[1] = text[3] = '.';
    assert_int_equal(refused(text, IVS_TOKEN_MAX).taken, 1);
    free(text);
}

static void
verify_gives_back_what_a_refused_token_took(void **state)
{
    (void)state;
    (void)mint(ALL);
    token[token_len - 128] = 'A'; /* of r: no longer what the stub signs */
    assert_int_equal(refused(token, token_len).taken, 1);
}

static void
the_counter_counts(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    void *volatile p = NULL; /* or a compiler would do without */
    struct countalloc n;

    (void)state;
    n = COUNTALLOC_OF(pthread_mutex_lock(&lock));
    assert_int_equal(n.locks, 1);
    (void)pthread_mutex_unlock(&lock);
    n = COUNTALLOC_OF(p = malloc(3));
    assert_int_equal(n.taken, 1);
    assert_int_equal(n.bytes, 3);
    n = COUNTALLOC_OF(free(p));
    assert_int_equal(n.given, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_counter_counts),
        cmocka_unit_test(mint_takes_nothing_and_no_lock),
        cmocka_unit_test(
            mint_of_further_claims_takes_memory_for_long_ones_only),
        cmocka_unit_test(mint_that_refuses_takes_nothing),
        cmocka_unit_test(verify_takes_its_result_and_no_more),
        cmocka_unit_test(verify_without_a_result_gives_all_back),
        cmocka_unit_test(verify_refuses_the_misshapen_before_it_takes_memory),
        cmocka_unit_test(verify_gives_back_what_a_refused_token_took),
    };

    memcpy(long_extra, "{\"x\":\"", 6);
    memset(long_extra + 6, 'x', sizeof long_extra - 9);
    memcpy(long_extra + sizeof long_extra - 3, "\"}", 3);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
