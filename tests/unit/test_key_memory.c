/* SPDX-License-Identifier: MIT */
/* What stays in this process's memory of a key that was loaded, used and
 * released: nothing of its private number in any writable page, nothing of the
 * text it was read from. The text itself is in a page that cannot be written,
 * and what is looked for is kept with every bit turned. */

#include "support/test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ivs/ivs.h>

#include "base/b64url.h"
#include "support/keys.h"

/* Enough of a secret to be no accident, from its middle. */
#define NEEDLE 16
/* Sanitizers' shadows are larger; no secret is in there. */
#define REGION_MAX (UINTMAX_C(16) << 20)

static uint8_t number[48];       /* d, big-endian, turned */
static uint8_t backwards[48];    /* the same as limbs */
static uint8_t text[NEEDLE];     /* of the PEM file, turned */
static uint8_t jwk_text[NEEDLE]; /* of the JWK, turned */
static char path[] = "/tmp/ivs-wiped-XXXXXX";

static void
turn(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] ^= 0xff;
}

/* Times that the turned needle stands in the bytes. */
static size_t
count(const uint8_t *bytes, size_t len, const uint8_t *needle)
{
    const uint8_t *at = bytes, *end = bytes + len;
    size_t found = 0;

    while ((at = memchr(at, needle[0] ^ 0xff, (size_t)(end - at))) != NULL) {
        size_t n = 0;

        while (n < NEEDLE && at + n < end && (at[n] ^ needle[n]) == 0xff)
            n++;
        found += n == NEEDLE;
        at++;
    }
    return found;
}

/* Through a buffer, so that pages which go away meanwhile do no harm. */
static size_t
count_region(int mem, uintmax_t from, uintmax_t to, const uint8_t *needle)
{
    static uint8_t bytes[1 << 16];
    size_t found = 0;

    while (from + NEEDLE <= to) {
        size_t want = to - from < sizeof bytes ? to - from : sizeof bytes;
        ssize_t got = -1;

        if (from > (uintptr_t)bytes + sizeof bytes ||
            from + want <= (uintptr_t)bytes)
            got = pread(mem, bytes, want, (off_t)from);
        if (got >= NEEDLE)
            found += count(bytes, (size_t)got, needle);
        from += want > NEEDLE ? want - NEEDLE + 1 : want;
    }
    explicit_bzero(bytes, sizeof bytes);
    return found;
}

static size_t
count_memory(const uint8_t *needle)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    size_t found = 0;
    char line[512];

    assert_non_null(maps);
    assert_true(mem >= 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        uintmax_t from, to;
        char rights[5];

        if (sscanf(line, "%" SCNxMAX "-%" SCNxMAX " %4s", &from, &to, rights) ==
                3 &&
            rights[1] == 'w' && to - from < REGION_MAX)
            found += count_region(mem, from, to, needle);
    }
    (void)close(mem);
    (void)fclose(maps);
    return found;
}

static size_t
count_number(void)
{
    return count_memory(number + NEEDLE) + count_memory(backwards + NEEDLE);
}

static void
write_file(const char *content, size_t len)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

static const char channel[] =
    "arn:aws:ivs:us-west-2:123456789012:channel/abcdABCDefgh";

/* Load, mint, verify. */
static ivs_key *
load_and_use(ivs_engine engine)
{
    static char token[IVS_TOKEN_MAX];
    const ivs_key *keys[1];
    ivs_key_options opt;
    ivs_claims claims;
    ivs_key *key = NULL;
    size_t len;

    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = engine;
    assert_int_equal(ivs_key_load(path, &opt, &key, NULL), IVS_OK);
    ivs_claims_init(&claims, sizeof claims);
    claims.channel_arn = channel;
    claims.ttl_s = 60;
    assert_int_equal(
        ivs_token_mint(key, &claims, 1000, token, sizeof token, &len, NULL),
        IVS_OK);
    keys[0] = key;
    assert_int_equal(
        ivs_token_verify(keys, 1, token, len, NULL, 1000, NULL, NULL), IVS_OK);
    return key;
}

static void
nothing_stays(const char *content, size_t len, const uint8_t *of_text)
{
    ivs_engine engines[2];
    size_t n = engines_built(engines);

    for (size_t i = 0; i < n; i++) {
        ivs_key *key;

        write_file(content, len);
        key = load_and_use(engines[i]);
        /* The engine needs the number: so it can be found. */
        assert_true(count_number() > 0);
        assert_int_equal(count_memory(of_text), 0);
        ivs_key_free(key);
        assert_int_equal(count_number(), 0);
        assert_int_equal(count_memory(of_text), 0);
    }
}

static void
nothing_stays_of_a_key_from_pem(void **state)
{
    (void)state;
    nothing_stays(KEY_A_PKCS8, sizeof KEY_A_PKCS8 - 1, text);
}

static const char jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X
                          "\",\"y\":\"" KEY_A_Y "\",\"d\":\"" KEY_A_D "\"}";

static void
nothing_stays_of_a_key_from_jwk(void **state)
{
    (void)state;
    nothing_stays(jwk, sizeof jwk - 1, jwk_text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stays_of_a_key_from_pem),
        cmocka_unit_test(nothing_stays_of_a_key_from_jwk),
    };
    int fd = mkstemp(path), failed;
    size_t len;

    if (fd < 0 || close(fd) != 0)
        return 1;
    if (!ivs_b64url_decode(KEY_A_D, sizeof KEY_A_D - 1, (char *)number,
                           sizeof number, &len))
        return 1;
    turn(number, sizeof number);
    for (size_t i = 0; i < sizeof number; i++)
        backwards[i] = number[sizeof number - 1 - i];
    for (size_t i = 0; i < NEEDLE; i++) {
        text[i] = (uint8_t)(KEY_A_PKCS8[75 + i] ^ 0xff);
        jwk_text[i] = (uint8_t)(KEY_A_D[24 + i] ^ 0xff);
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
