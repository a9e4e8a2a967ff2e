/* SPDX-License-Identifier: MIT */
/* What is tortured: each scenario makes one call under fire, and judges what it
 * left behind. */

#include "support/test.h"

#include "torture/scenario.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include <ivs/token.h>

#include "support/forge.h"
#include "support/keys.h"
#include "torture/forms.h"

#define PAYLOAD                                                                \
    "{\"aws:channel-arn\":\"" FORGE_CHANNEL "\",\"exp\":1700000060,"           \
    "\"aws:access-control-allow-origin\":\"https://a.example, *\","            \
    "\"aws:viewer-id\":\"viewer\",\"x\":[\"a text of some length\",1.5,{}]"

struct scenario_turn scenario_turn = {INJECT_MODES, 0};

static ivs_key *keys[3]; /* by ivs_engine */
static ivs_key *other;
static char dir[] = "/tmp/ivs-torture-XXXXXX";
static char path[sizeof dir + 8];

#define ARMED(call)                                                            \
    (inject_arm(scenario_turn.mode, scenario_turn.n), after(call))

static ivs_status
after(ivs_status s)
{
    inject_disarm();
    return s;
}

static void
set_options(const struct scenario *sc, ivs_key_options *opt)
{
    ivs_key_options_init(opt, sizeof *opt);
    opt->engine = sc->engine;
    if (sc->with_passphrase) {
        opt->passphrase = SEALED_PASSPHRASE;
        opt->passphrase_len = strlen(SEALED_PASSPHRASE);
    }
}

static void
expect_key_a(ivs_key *key)
{
    char fingerprint[IVS_FINGERPRINT_SIZE];

    assert_int_equal(ivs_key_fingerprint(key, fingerprint, NULL), IVS_OK);
    assert_string_equal(fingerprint, KEY_A_FINGERPRINT);
    ivs_key_free(key);
}

/* ---- keys ---- */

static ivs_status
parse(const struct scenario *sc, ivs_error *err)
{
    ivs_key *key = other;
    ivs_key_options opt;
    ivs_status s;

    set_options(sc, &opt);
    s = ARMED(ivs_key_parse(sc->text, strlen(sc->text), &opt, &key, err));
    if (s == IVS_OK)
        expect_key_a(key);
    else
        assert_ptr_equal(key, other);
    return s;
}

static ivs_status
load(const struct scenario *sc, ivs_error *err)
{
    ivs_key *key = other;
    ivs_key_options opt;
    FILE *f = fopen(path, "w");
    ivs_status s;

    assert_non_null(f);
    assert_true(fputs(sc->text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    set_options(sc, &opt);
    s = ARMED(ivs_key_load(path, &opt, &key, err));
    assert_int_equal(unlink(path), 0);
    if (s == IVS_OK)
        expect_key_a(key);
    else
        assert_ptr_equal(key, other);
    return s;
}

/* Remove what is in the folder; its number. */
static size_t
sweep_folder(void)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    size_t n = 0;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        char name[sizeof dir + sizeof e->d_name];

        if (e->d_name[0] == '.' && strchr(".", e->d_name[1]) != NULL)
            continue;
        (void)snprintf(name, sizeof name, "%s/%s", dir, e->d_name);
        assert_int_equal(unlink(name), 0);
        n++;
    }
    assert_int_equal(closedir(d), 0);
    return n;
}

static ivs_status
save(const struct scenario *sc, ivs_error *err)
{
    ivs_key *a = NULL, *back = NULL;
    ivs_key_options opt;
    ivs_status s;
    size_t left;

    set_options(sc, &opt);
    assert_int_equal(
        ivs_key_parse(KEY_A_PKCS8, strlen(KEY_A_PKCS8), &opt, &a, NULL),
        IVS_OK);
    s = ARMED(ivs_key_save(a, path, &opt, err));
    if (s == IVS_OK) {
        assert_int_equal(ivs_key_load(path, &opt, &back, NULL), IVS_OK);
        expect_key_a(back);
    }
    left = sweep_folder();
    if (inject_failed() != NULL && strcmp(inject_failed(), "unlinkat") == 0)
        assert_in_range(left, 1, 2);
    else
        assert_int_equal(left, s == IVS_OK ? 1 : 0);
    ivs_key_free(a);
    return s;
}

static ivs_status export(const struct scenario *sc, ivs_error *err)
{
    ivs_key *a = NULL, *back = NULL;
    ivs_key_options opt;
    char nothing[1], *text = nothing;
    size_t len = 7;
    ivs_status s;

    set_options(sc, &opt);
    assert_int_equal(
        ivs_key_parse(KEY_A_PKCS8, strlen(KEY_A_PKCS8), &opt, &a, NULL),
        IVS_OK);
    s = ARMED(ivs_key_export(a, sc->format, &opt, &text, &len, err));
    ivs_key_free(a);
    if (s != IVS_OK) {
        assert_ptr_equal(text, nothing);
        assert_int_equal(len, 7);
        return s;
    }
    assert_int_equal(ivs_key_parse(text, len, &opt, &back, NULL), IVS_OK);
    assert_int_equal(ivs_key_has_private(back), sc->format != IVS_KEY_SPKI);
    expect_key_a(back);
    ivs_free_secret(text, len);
    return s;
}

static ivs_status
generate(const struct scenario *sc, ivs_error *err)
{
    ivs_key *key = other;
    ivs_key_options opt;
    ivs_status s;

    set_options(sc, &opt);
    s = ARMED(ivs_key_generate(&opt, &key, err));
    if (s == IVS_OK) {
        assert_true(ivs_key_has_private(key));
        ivs_key_free(key);
    } else {
        assert_ptr_equal(key, other);
    }
    return s;
}

static ivs_status
fingerprint(const struct scenario *sc, ivs_error *err)
{
    char text[IVS_FINGERPRINT_SIZE] = "untouched";
    ivs_key *a = NULL;
    ivs_status s;

    (void)sc;
    assert_int_equal(
        ivs_key_parse(KEY_A_SPKI, strlen(KEY_A_SPKI), NULL, &a, NULL), IVS_OK);
    s = ARMED(ivs_key_fingerprint(a, text, err));
    assert_string_equal(text, s == IVS_OK ? KEY_A_FINGERPRINT : "untouched");
    ivs_key_free(a);
    return s;
}

/* ---- tokens ---- */

static ivs_status
mint(const struct scenario *sc, ivs_error *err)
{
    static char token[IVS_TOKEN_MAX];
    const ivs_key *const any[] = {keys[IVS_ENGINE_OPENSSL]};
    size_t len = 7;
    ivs_claims c;
    ivs_status s;

    ivs_claims_init(&c, sizeof c);
    c.channel_arn = FORGE_CHANNEL;
    c.viewer_id = "viewer";
    c.ttl_s = 60;
    c.extra_json = sc->text;
    strcpy(token, "untouched");
    s = ARMED(ivs_token_mint(keys[sc->engine], &c, FORGE_NOW, token,
                             sizeof token, &len, err));
    if (s == IVS_OK) {
        assert_int_equal(
            ivs_token_verify(any, 1, token, len, NULL, FORGE_NOW, NULL, NULL),
            IVS_OK);
    } else {
        assert_string_equal(token, "untouched");
        assert_int_equal(len, 7);
    }
    return s;
}

static ivs_status
verify(const struct scenario *sc, ivs_error *err)
{
    ivs_verified *const untouched = (ivs_verified *)(void *)dir;
    const ivs_key *const both[] = {other, keys[sc->engine]};
    char *token = forge_token(keys[IVS_ENGINE_OPENSSL], FORGE_HEADER, sc->text);
    ivs_verified *v = untouched;
    ivs_verify_options opt;
    ivs_status s;

    ivs_verify_options_init(&opt, sizeof opt);
    if (strstr(sc->text, "\"big\"") != NULL)
        opt.flags = IVS_VERIFY_LIKE_SERVICE;
    if (sc->end != IVS_OK) {
        char *last = token + strlen(token) - 8;

        *last = *last == 'A' ? 'B' : 'A';
    }
    s = ARMED(ivs_token_verify(both, 2, token, strlen(token), &opt, FORGE_NOW,
                               &v, err));
    free(token);
    if (s != IVS_OK) {
        assert_ptr_equal(v, untouched);
        return s;
    }
    assert_int_equal(ivs_verified_key_index(v), 1);
    assert_string_equal(ivs_verified_claims(v)->viewer_id, "viewer");
    assert_int_equal(ivs_verified_claims(v)->norigins, 2);
    assert_non_null(strstr(ivs_verified_claims(v)->extra_json, "\"x\""));
    ivs_verified_free(v);
    return s;
}

static ivs_status
expect_text(ivs_status s, char *text, const char *part)
{
    if (s != IVS_OK) {
        assert_null(text);
        return s;
    }
    if (strstr(text, part) == NULL)
        fail_msg("no %s in %s", part, text);
    ivs_free(text);
    return s;
}

static ivs_status
inspect(const struct scenario *sc, ivs_error *err)
{
    char *token = forge_token(keys[IVS_ENGINE_OPENSSL], FORGE_HEADER, sc->text);
    char *text = NULL;
    ivs_status s;

    s = ARMED(ivs_token_inspect(token, strlen(token), FORGE_NOW, &text, err));
    free(token);
    return expect_text(s, text, "a text of some length");
}

static ivs_status
lint(const struct scenario *sc, ivs_error *err)
{
    char *text = NULL;
    ivs_status s = ARMED(
        ivs_claims_lint(sc->text, strlen(sc->text), FORGE_NOW, &text, err));

    return expect_text(s, text, "exp_");
}

static ivs_status
read_and_write(const struct scenario *sc, ivs_error *err)
{
    ivs_claims *claims = NULL;
    char *text = NULL;
    ivs_status s =
        ARMED(ivs_claims_parse(sc->text, strlen(sc->text), &claims, err));

    if (s != IVS_OK) {
        assert_null(claims);
        return s;
    }
    if (inject_failed() != NULL)
        scenario_turn.n = SIZE_MAX; /* one failure a run */
    s = ARMED(ivs_claims_encode(claims, FORGE_NOW, &text, NULL, err));
    ivs_claims_free(claims);
    return expect_text(s, text, "a text of some length");
}

/* ---- all of them ---- */

static char large[2001];

#define KEY_TROUBLE (BIT(IVS_E_KEY) | BIT(IVS_E_FORMAT))
#define OPENSSL     IVS_ENGINE_OPENSSL
#define JWK_PUBLIC                                                             \
    "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" KEY_A_X "\",\"y\":\"" KEY_A_Y \
    "\""

/* clang-format off */
const struct scenario scenarios[] = {
    {"PKCS#8", parse, KEY_A_PKCS8, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 0},
    {"PKCS#8, default engine", parse, KEY_A_PKCS8, IVS_ENGINE_DEFAULT, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"SEC1", parse, KEY_A_SEC1, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"SPKI", parse, KEY_A_SPKI, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 0},
    {"SPKI, default engine", parse, KEY_A_SPKI, IVS_ENGINE_DEFAULT, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"base64 of PEM", parse, KEY_A_WRAPPED, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"JWK", parse, JWK_PUBLIC ",\"d\":\"" KEY_A_D "\"}", OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 0},
    {"JWK, public", parse, JWK_PUBLIC ",\"kid\":[\"1\"]}", OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"encrypted, PBKDF2", parse, SEALED_PBKDF2, OPENSSL, IVS_OK, KEY_TROUBLE, 0, true, 200},
    {"encrypted, scrypt", parse, SEALED_SCRYPT, OPENSSL, IVS_OK, KEY_TROUBLE, 0, true, 200},
    {"encrypted, PBES1", parse, SEALED_PBES1, OPENSSL, IVS_OK, KEY_TROUBLE, 0, true, 200},
    {"unknown curve", parse, KEY_A_UNKNOWN_CURVE, OPENSSL, IVS_E_KEY, KEY_TROUBLE, 0, false, 0},
    {"load", load, KEY_A_PKCS8, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 1},
    {"save", save, NULL, OPENSSL, IVS_OK, 0, 0, false, 1},
    {"save, encrypted", save, NULL, OPENSSL, IVS_OK, 0, 0, true, 0},
    {"export PKCS#8", export, NULL, OPENSSL, IVS_OK, 0, IVS_KEY_PKCS8, false, 0},
    {"export SEC1", export, NULL, OPENSSL, IVS_OK, 0, IVS_KEY_SEC1, false, 0},
    {"export SPKI", export, NULL, OPENSSL, IVS_OK, 0, IVS_KEY_SPKI, false, 0},
    {"export JWK", export, NULL, OPENSSL, IVS_OK, 0, IVS_KEY_JWK, false, 0},
    {"generate", generate, NULL, OPENSSL, IVS_OK, KEY_TROUBLE, 0, false, 0},
    {"fingerprint", fingerprint, NULL, OPENSSL, IVS_OK, 0, 0, false, 0},
    {"mint", mint, NULL, OPENSSL, IVS_OK, 0, 0, false, 0},
    {"mint, default engine", mint, NULL, IVS_ENGINE_DEFAULT, IVS_OK, 0, 0, false, 1},
    {"mint, large", mint, large, IVS_ENGINE_DEFAULT, IVS_OK, 0, 0, false, 1},
    {"verify", verify, PAYLOAD "}", OPENSSL, IVS_OK, 0, 0, false, 0},
    {"verify, default engine", verify, PAYLOAD "}", IVS_ENGINE_DEFAULT, IVS_OK, 0, 0, false, 1},
    {"verify a big integer", verify, PAYLOAD ",\"big\":9223372036854775808}", IVS_ENGINE_DEFAULT, IVS_OK, 0, 0, false, 1},
    {"verify a forgery", verify, PAYLOAD "}", OPENSSL, IVS_E_TOKEN, BIT(IVS_E_TOKEN), 0, false, 0},
    {"verify a forgery, default engine", verify, PAYLOAD "}", IVS_ENGINE_DEFAULT, IVS_E_TOKEN, BIT(IVS_E_TOKEN), 0, false, 1},
    {"inspect", inspect, PAYLOAD "}", OPENSSL, IVS_OK, 0, 0, false, 0},
    {"lint", lint, "{\"exp\":1700000060000,\"aws:access-control-allow-origin\":\"a\"}", OPENSSL, IVS_OK, 0, 0, false, 0},
    {"claims", read_and_write, PAYLOAD "}", OPENSSL, IVS_OK, 0, 0, false, 0},
};
/* clang-format on */

const size_t nscenarios = sizeof scenarios / sizeof *scenarios;

bool
scenario_has_file(const struct scenario *sc)
{
    return sc->run == load || sc->run == save;
}

int
scenario_set_up(void **state)
{
    ivs_key_options opt;

    (void)state;
    memset(large, 'x', sizeof large - 1);
    memcpy(large, "{\"x\":\"", 6);
    memcpy(large + sizeof large - 3, "\"}", 3);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/key.pem", dir);
    keys[IVS_ENGINE_DEFAULT] = forge_key(IVS_ENGINE_DEFAULT);
    keys[IVS_ENGINE_OPENSSL] = forge_key(IVS_ENGINE_OPENSSL);
    ivs_key_options_init(&opt, sizeof opt);
    opt.engine = IVS_ENGINE_OPENSSL;
    assert_int_equal(
        ivs_key_parse(KEY_B_SPKI, strlen(KEY_B_SPKI), &opt, &other, NULL),
        IVS_OK);
    /* What a library loads once in a process, it loads here. */
    scenario_turn.mode = INJECT_MODES;
    for (size_t i = 0; i < nscenarios; i++) {
        ivs_error err = {0};

        assert_int_equal(scenarios[i].run(&scenarios[i], &err),
                         scenarios[i].end);
    }
    return 0;
}

int
scenario_tear_down(void **state)
{
    (void)state;
    ivs_key_free(keys[IVS_ENGINE_DEFAULT]);
    ivs_key_free(keys[IVS_ENGINE_OPENSSL]);
    ivs_key_free(other);
    return rmdir(dir);
}
