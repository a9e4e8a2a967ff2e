/* SPDX-License-Identifier: MIT */
/* Expectations of verification. */

#include "support/test.h"

#include <openssl/err.h>
#include <string.h>

#include "support/judge.h"

ivs_key *judge_key;

int
judge_with_openssl(void **state)
{
    (void)state;
    judge_key = forge_key(IVS_ENGINE_OPENSSL);
    return 0;
}

int
judge_with_default_engine(void **state)
{
    (void)state;
    judge_key = forge_key(IVS_ENGINE_DEFAULT);
    return 0;
}

int
judge_drop_key(void **state)
{
    (void)state;
    ivs_key_free(judge_key);
    return 0;
}

ivs_status
judge(const char *token, size_t len, const ivs_verify_options *opt,
      ivs_error *err)
{
    const ivs_key *keys[] = {judge_key};
    ivs_verified *v = NULL;
    ivs_status s;

    memset(err, 0, sizeof *err);
    s = ivs_token_verify(keys, 1, token, len, opt, FORGE_NOW, &v, err);
    if (s == IVS_OK) {
        assert_non_null(v);
        assert_int_equal(err->code, IVS_OK);
        assert_string_equal(err->message, "");
    } else {
        assert_null(v);
        assert_int_equal(err->code, s);
        assert_true(err->message[0] != '\0');
    }
    /* What OpenSSL found wrong must not be found again by another caller. */
    assert_true(ERR_peek_error() == 0);
    /* Nobody has to listen. */
    assert_int_equal(
        ivs_token_verify(keys, 1, token, len, opt, FORGE_NOW, NULL, NULL), s);
    ivs_verified_free(v);
    return s;
}

void
judge_expect(const char *name, const char *token, size_t len,
             const ivs_verify_options *opt, ivs_reject_reason reason)
{
    ivs_error err;
    ivs_status s = judge(token, len, opt, &err);

    if (s != (reason == IVS_REJECT_NONE ? IVS_OK : IVS_E_TOKEN) ||
        err.reason != reason)
        fail_msg("%s: %s %s: %s", name, ivs_status_name(s),
                 ivs_reject_reason_name(err.reason), err.message);
}

void
judge_expect_payload(const char *name, const char *payload,
                     const ivs_verify_options *opt, ivs_reject_reason reason)
{
    char *token = forge_token(judge_key, FORGE_HEADER, payload);

    judge_expect(name, token, strlen(token), opt, reason);
    free(token);
}
