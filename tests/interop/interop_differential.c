/* SPDX-License-Identifier: MIT */
/* Judges mutated tokens by this library, through both engines, and by libjwt:
 *   interop_differential TOKENS PEM COUNT
 * writes one JSON object a line to TOKENS and the public key to PEM, for
 * differential.mjs, which asks jose and compares. Ends at once where the
 * engines differ. */

#include <inttypes.h>
#include <jwt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ivs/token.h>

#include "base/b64url.h"
#include "mutate.h"
#include "support/forge.h"

struct judges {
    ivs_key *openssl;
    ivs_key *other; /* the default engine */
    char *pem;
    size_t pem_len;
};

static void
die(const char *what)
{
    (void)fprintf(stderr, "interop_differential: %s\n", what);
    exit(1);
}

static ivs_reject_reason
judge(const ivs_key *key, const struct mutant *m, ivs_error *err)
{
    const ivs_key *keys[] = {key};
    ivs_verified *v = NULL;
    ivs_status s;

    memset(err, 0, sizeof *err);
    s = ivs_token_verify(keys, 1, m->text, m->len, NULL, FORGE_NOW, &v, err);
    if ((s == IVS_OK) != (v != NULL) || (s != IVS_OK && s != IVS_E_TOKEN) ||
        (s == IVS_OK) != (err->reason == IVS_REJECT_NONE))
        die("a verdict that is none");
    ivs_verified_free(v);
    return err->reason;
}

static bool
libjwt_accepts(const struct judges *j, const struct mutant *m)
{
    jwt_t *jwt = NULL;
    bool good = jwt_decode(&jwt, m->text, (const unsigned char *)j->pem,
                           (int)j->pem_len) == 0;

    jwt_free(jwt);
    return good;
}

static void
judge_one(const struct judges *j, uint64_t number, const struct mutant *m,
          FILE *out)
{
    static char text[IVS_B64URL_LEN(MUTANT_MAX) + 1];
    ivs_error a, b;
    ivs_reject_reason reason = judge(j->openssl, m, &a);

    if (judge(j->other, m, &b) != reason || strcmp(a.message, b.message) != 0 ||
        strcmp(a.member, b.member) != 0) {
        (void)fprintf(stderr, "token %" PRIu64 ": %s\n%s\n%s\n", number,
                      m->text, a.message, b.message);
        die("the engines differ");
    }
    ivs_b64url_encode(m->text, m->len, text);
    text[IVS_B64URL_LEN(m->len)] = '\0';
    if (fprintf(out,
                "{\"number\":%" PRIu64 ",\"kind\":\"%s\",\"ours\":\"%s\","
                "\"libjwt\":%s,\"token\":\"%s\"}\n",
                number, m->kind, ivs_reject_reason_name(reason),
                libjwt_accepts(j, m) ? "true" : "false", text) < 0)
        die("cannot write");
}

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
        die("cannot write");
}

int
main(int argc, char **argv)
{
    struct judges j = {.openssl = forge_key(IVS_ENGINE_OPENSSL),
                       .other = forge_key(IVS_ENGINE_DEFAULT)};
    struct signers signers = {.right = j.other};
    static struct mutant m;
    ivs_key *wrong = NULL;
    FILE *out;

    if (argc != 4)
        die("usage: TOKENS PEM COUNT");
    if (ivs_key_export(j.openssl, IVS_KEY_SPKI, NULL, &j.pem, &j.pem_len,
                       NULL) != IVS_OK ||
        ivs_key_generate(NULL, &wrong, NULL) != IVS_OK)
        die("no keys");
    write_file(argv[2], j.pem);
    signers.wrong = wrong;
    signers.pem = j.pem;
    out = fopen(argv[1], "w");
    if (out == NULL)
        die("cannot write");
    for (uint64_t i = 1, n = strtoull(argv[3], NULL, 10); i <= n; i++) {
        mutate(i, &signers, &m);
        judge_one(&j, i, &m, out);
    }
    if (fclose(out) != 0)
        die("cannot write");
    ivs_free(j.pem);
    ivs_key_free(j.openssl);
    ivs_key_free(j.other);
    ivs_key_free(wrong);
    return 0;
}
