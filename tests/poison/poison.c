/* SPDX-License-Identifier: MIT */
/* Our own code over secrets that valgrind takes for undefined: a branch or an
 * address that hangs on one is reported. Where a secret is handed to OpenSSL it
 * is defined again, for OpenSSL is not clean in this sense. Each part prints
 * how many secret bytes came out of it, so that none passes for want of any. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include <ivs/token.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/secret.h"
#include "support/keys.h"
#include "token/key_object.h"

ivs_status __real_ivs_key_from_numbers(const uint8_t *point, const uint8_t *d,
                                       ivs_engine engine, ivs_key **ret,
                                       ivs_error *err);
ivs_status __wrap_ivs_key_from_numbers(const uint8_t *point, const uint8_t *d,
                                       ivs_engine engine, ivs_key **ret,
                                       ivs_error *err);
bool __real_ivs_key_private_number(EVP_PKEY *pkey, uint8_t ret[IVS_P384_BYTES]);
bool __wrap_ivs_key_private_number(EVP_PKEY *pkey, uint8_t ret[IVS_P384_BYTES]);

static size_t secret_bytes; /* that were seen where they should be */

static void
check(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "poison: %s\n", what);
    exit(1);
}

/* Bytes of which at least a bit is undefined; they are defined afterwards. */
static size_t
reveal(const void *data, size_t len)
{
    const char *at = data;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char bits = 0;

        (void)VALGRIND_GET_VBITS(at + i, &bits, 1);
        n += bits != 0;
    }
    IVS_PUBLIC(data, len);
    secret_bytes += n;
    return n;
}

/* A copy of text on the heap, all of it secret. */
static char *
secret_copy(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    check(copy != NULL, "no memory");
    memcpy(copy, text, len);
    copy[len] = '\0';
    IVS_SECRET(copy, len);
    return copy;
}

/* ---- faults that must be found ---- */

static volatile unsigned sink;

static void
planted_branch(void)
{
    volatile char *d = secret_copy(KEY_A_D, 64);

    if ((d[3] & 1) != 0)
        sink++;
}

static void
planted_index(void)
{
    static const volatile unsigned char table[256] = {1, 2, 3};
    char *d = secret_copy(KEY_A_D, 64);

    sink = table[(unsigned char)d[3]];
    free(d);
}

/* memcmp() ends at the first difference. */
static void
planted_compare(void)
{
    char *d = secret_copy(KEY_A_D, 64);

    if (memcmp(d, KEY_B_D, 64) == 0)
        sink++;
    free(d);
}

/* ---- base ---- */

static void
base64url(void)
{
    for (size_t len = 0; len <= 96; len++) {
        unsigned char bytes[96], back[96];
        char text[IVS_B64URL_LEN(96)];
        size_t n = 0;

        for (size_t i = 0; i < len; i++)
            bytes[i] = (unsigned char)(i * 37 + len);
        IVS_SECRET(bytes, len);
        ivs_b64url_encode(bytes, len, text);
        check(ivs_b64url_decode(text, IVS_B64URL_LEN(len), back, len, &n) &&
                  n == len,
              "base64url");
        check(reveal(back, len) == len, "base64url: not secret");
        IVS_PUBLIC(bytes, len);
        check(memcmp(bytes, back, len) == 0, "base64url: other bytes");
    }
}

/* The body of PEM. */
static void
base64(void)
{
    const char *body = strchr(KEY_A_PKCS8, '\n');
    size_t len = (size_t)(strstr(body, "-----END") - body);
    ivs_buf der = IVS_BUF_SECRET;
    char *text = secret_copy(body, len);

    check(ivs_key_decode_base64(text, len, &der) && der.len == 185, "base64");
    check(reveal(der.data, der.len) == der.len, "base64: not secret");
    check(memcmp(der.data, "\x30\x81\xb6", 3) == 0, "base64: other bytes");
    ivs_buf_free(&der);
    ivs_wipe(text, len);
    free(text);
}

static void
hex(void)
{
    unsigned char bytes[256];
    char text[513];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    IVS_SECRET(bytes, sizeof bytes);
    ivs_hex(bytes, sizeof bytes, text);
    check(reveal(text, 512) == 512, "hex: not secret");
    check(strncmp(text, "000102030405060708090a0b0c0d0e0f10", 34) == 0 &&
              strcmp(text + 508, "feff") == 0,
          "hex: other text");
}

static void
buffers(void)
{
    ivs_buf b = IVS_BUF_SECRET;
    char *d = secret_copy(KEY_A_D, 64), *text;
    size_t len = 0;
    bool same;

    for (size_t i = 0; i < 200; i++) {
        ivs_buf_append(&b, d, 64);
        ivs_buf_putc(&b, d[i % 64]);
    }
    text = ivs_buf_steal(&b, &len);
    check(text != NULL && len == 200 * 65, "buffer");
    same = ivs_equal_ct(text, d, 64);
    IVS_PUBLIC(&same, sizeof same);
    check(same, "buffer: other bytes");
    check(reveal(text, len) == len, "buffer: not secret");
    ivs_free_secret(text, len);
    ivs_buf_append(&b, d, 64);
    ivs_buf_free(&b);
    ivs_wipe(d, 64);
    check(reveal(d, 64) == 0 && d[0] == 0 && d[63] == 0, "not wiped");
    free(d);
}

/* ---- keys ---- */

static bool marks_exports; /* not for forms that OpenSSL writes */
static bool knows_bodies;  /* d is that of a body of PEM, once it is decoded */

/* d as it comes out of the text; OpenSSL gets it defined. */
ivs_status
__wrap_ivs_key_from_numbers(const uint8_t *point, const uint8_t *d,
                            ivs_engine engine, ivs_key **ret, ivs_error *err)
{
    if (d != NULL && !knows_bodies)
        check(reveal(d, IVS_P384_BYTES) == IVS_P384_BYTES, "d is not secret");
    return __real_ivs_key_from_numbers(point, d, engine, ret, err);
}

bool
__wrap_ivs_key_private_number(EVP_PKEY *pkey, uint8_t ret[IVS_P384_BYTES])
{
    bool good = __real_ivs_key_private_number(pkey, ret);

    if (marks_exports)
        IVS_SECRET(ret, IVS_P384_BYTES);
    return good;
}

#define JWK                                                                    \
    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X "\",\"y\":\"" KEY_A_Y \
    "\",\"d\":\"" KEY_A_D "\"}\n"

static ivs_key *
jwk_key(void)
{
    char text[] = JWK, *d = strstr(text, KEY_A_D);
    ivs_key_options opt;
    ivs_key *key = NULL;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    IVS_SECRET(d, strlen(KEY_A_D));
    check(ivs_key_parse(text, strlen(JWK), &opt, &key, NULL) == IVS_OK, "jwk");
    return key;
}

/* The lines around it are told from a body of which nothing is known. */
static void
pem_text(void)
{
    char *text = strdup(KEY_A_PKCS8), *body = strchr(text, '\n');
    size_t len = strlen(text);
    ivs_key_options opt;
    ivs_key *key = NULL;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    knows_bodies = true;
    IVS_SECRET(body, (size_t)(strstr(body, "-----END") - body));
    check(ivs_key_parse(text, len, &opt, &key, NULL) == IVS_OK, "pem: parse");
    check(ivs_key_has_private(key), "pem: no private half");
    check(reveal(text, len) > 200, "pem: not secret");
    ivs_key_free(key);
    free(text);
}

/* What a structure is, told by everything but the number in it. */
static void
der_of(const ivs_key *key, ivs_key_format format, ivs_key_form form)
{
    uint8_t number[IVS_P384_BYTES];
    ivs_buf out = IVS_BUF_SECRET;
    const char *body, *found;
    char *pem = NULL, *at;
    size_t len = 0;

    check(ivs_key_export(key, format, NULL, &pem, &len, NULL) == IVS_OK,
          "der: export");
    body = strchr(pem, '\n');
    check(ivs_key_decode_base64(body, (size_t)(strstr(body, "-----END") - body),
                                &out),
          "der: base64");
    check(ivs_b64url_decode(KEY_A_D, 64, number, sizeof number, &len),
          "der: number");
    at = memmem(out.data, out.len, number, sizeof number);
    check(at != NULL, "der: no number");
    IVS_SECRET(at, sizeof number);
    check(ivs_key_der_whole((const uint8_t *)out.data, out.len) &&
              ivs_key_der_form((const uint8_t *)out.data, out.len, &found) ==
                  form,
          "der: another form");
    check(reveal(out.data, out.len) == sizeof number, "der: not secret");
    ivs_free_secret(pem, strlen(pem));
    ivs_buf_free(&out);
}

static void
der(void)
{
    ivs_key *key = jwk_key();

    der_of(key, IVS_KEY_PKCS8, IVS_KEY_FORM_PKCS8);
    der_of(key, IVS_KEY_SEC1, IVS_KEY_FORM_SEC1);
    ivs_key_free(key);
}

static void
jwk(void)
{
    ivs_key *key = jwk_key();

    check(ivs_key_has_private(key) && secret_bytes == IVS_P384_BYTES, "jwk");
    ivs_key_free(key);
}

static void export(void)
{
    ivs_key *key = jwk_key();
    char *text = NULL;
    size_t len = 0;

    secret_bytes = 0;
    marks_exports = true;
    check(ivs_key_export(key, IVS_KEY_JWK, NULL, &text, &len, NULL) == IVS_OK,
          "export");
    check(reveal(text, len) == 64, "export: d is not secret");
    check(len == strlen(JWK) && strcmp(text, JWK) == 0, "export: other text");
    ivs_free_secret(text, len);
    ivs_key_free(key);
}

/* ---- mint ---- */

static ivs_status
stub_sign(const void *state, const uint8_t digest[48], uint8_t ret[96],
          ivs_error *err)
{
    const uint8_t *d = state;

    (void)err;
    for (size_t i = 0; i < 96; i++)
        ret[i] = d[i % 48] ^ digest[i % 48];
    return IVS_OK;
}

static void
mint(void)
{
    static const ivs_ecdsa_engine engine = {.name = "stub", .sign = stub_sign};
    static char token[IVS_TOKEN_MAX], d[48] = {0};
    const char *const origins[] = {"https://example.com"};
    ivs_key key = {.has_private = true, .ecdsa = {&engine, d}};
    size_t len = 0, n = 0, before = 0;
    uint8_t signature[96];
    ivs_claims c;

    IVS_SECRET(d, sizeof d);
    ivs_claims_init(&c, sizeof c);
    c.channel_arn = "arn:aws:ivs:us-west-2:123456789012:channel/a";
    c.viewer_id = "v";
    c.origins = origins;
    c.norigins = 1;
    c.ttl_s = 60;
    check(ivs_token_mint(&key, &c, 1700000000, token, sizeof token, &len,
                         NULL) == IVS_OK,
          "mint");
    check(reveal(token, len - 128) == 0, "mint: secret before the signature");
    before = len - 128;
    check(ivs_b64url_decode(token + before, 128, signature, 96, &n) && n == 96,
          "mint: signature");
    check(reveal(signature, 96) == 96, "mint: not secret");
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"planted-branch", planted_branch},
                 {"planted-index", planted_index},
                 {"planted-compare", planted_compare},
                 {"base64url", base64url},
                 {"base64", base64},
                 {"pem", pem_text},
                 {"hex", hex},
                 {"buffers", buffers},
                 {"der", der},
                 {"jwk", jwk},
                 {"export", export},
                 {"mint", mint}};

    check(argc == 2, "usage: poison PART");
    check(RUNNING_ON_VALGRIND != 0, "to be run under valgrind");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(argv[1], parts[i].name) != 0)
            continue;
        parts[i].run();
        (void)printf("%s: %zu secret bytes\n", argv[1], secret_bytes);
        return 0;
    }
    check(false, "no such part");
    return 1;
}
