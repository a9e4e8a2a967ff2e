/* SPDX-License-Identifier: MIT */
/* Minting. The caller's buffer is written once everything has succeeded; claims
 * of common size are encoded on the stack, so that nothing here allocates. */

#include <ivs/token.h>

#include <string.h>

#include "base/b64url.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"
#include "token/claims.h"
#include "token/jws.h"
#include "token/key.h"

/* Payloads up to here live on the stack; ten origins fit. */
#define SMALL_PAYLOAD 1200

struct signing {
    const ivs_key *key;
    ivs_buf payload; /* JSON */
    ivs_buf input;   /* header, dot, payload as base64url */
    uint8_t signature[IVS_ES384_SIGNATURE_BYTES];
};

static ivs_status
sign(struct signing *job, ivs_error *err)
{
    size_t n = IVS_B64URL_LEN(job->payload.len);
    uint8_t digest[IVS_ES384_DIGEST_BYTES];

    ivs_buf_puts(&job->input, IVS_JWS_HEADER ".");
    if (!ivs_buf_reserve(&job->input, n))
        return ivs_fail(err, IVS_E_NOMEM, "out of memory");
    ivs_b64url_encode(job->payload.data, job->payload.len,
                      job->input.data + job->input.len);
    job->input.len += n;
    if (!ivs_sha384(job->input.data, job->input.len, digest))
        return ivs_fail(err, IVS_E_CRYPTO, "SHA-384 failed");
    return ivs_key_sign_digest(job->key, digest, job->signature, err);
}

ivs_status
ivs_token_mint(const ivs_key *key, const ivs_claims *claims, int64_t now_s,
               char *buf, size_t cap, size_t *ret_len, ivs_error *err)
{
    char payload_mem[SMALL_PAYLOAD + 1];
    char input_mem[IVS_JWS_HEADER_CHARS + 2 + IVS_B64URL_LEN(SMALL_PAYLOAD)];
    struct signing job = {.key = key};
    ivs_claims c;
    int64_t exp_s;
    ivs_status s;
    size_t len;

    if (key == NULL || claims == NULL || buf == NULL)
        return ivs_fail(err, IVS_E_ARG, "NULL argument");
    s = ivs_claims_check(claims, now_s, &c, &exp_s, err);
    if (s != IVS_OK)
        return s;
    ivs_buf_fixed(&job.payload, payload_mem, sizeof payload_mem);
    ivs_buf_fixed(&job.input, input_mem, sizeof input_mem);
    ivs_claims_write(&c, exp_s, &job.payload);
    if (job.payload.failed) {
        job.payload = job.input = IVS_BUF_INIT;
        ivs_claims_write(&c, exp_s, &job.payload);
    }
    if (job.payload.failed) {
        s = ivs_fail(err, IVS_E_NOMEM, "out of memory");
        goto out;
    }
    len = IVS_JWS_LEN(IVS_B64URL_LEN(job.payload.len));
    if (len >= IVS_TOKEN_MAX || len >= cap) {
        s = ivs_fail(err, IVS_E_ARG,
                     "the token takes %zu bytes with its NUL, and there is "
                     "room for %zu",
                     len + 1, cap < IVS_TOKEN_MAX ? cap : IVS_TOKEN_MAX);
        goto out;
    }
    if ((s = sign(&job, err)) != IVS_OK)
        goto out;
    memcpy(buf, job.input.data, job.input.len);
    buf[job.input.len] = '.';
    ivs_b64url_encode(job.signature, sizeof job.signature,
                      buf + job.input.len + 1);
    buf[len] = '\0';
    if (ret_len != NULL)
        *ret_len = len;
out:
    ivs_buf_free(&job.payload);
    ivs_buf_free(&job.input);
    return s;
}
