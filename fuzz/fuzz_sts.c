/* SPDX-License-Identifier: MIT */
/* Target: ivs_sts_answer_parse(). Input: an answer of AWS STS. Property: what
 * was read, written as a plain answer and read again, is the same; a document
 * type is never accepted; keys and an error never come together. */

#include <string.h>

#include "aws/sts_xml.h"
#include "fuzz.h"

static void
put(ivs_buf *b, const char *name, const ivs_buf *value)
{
    ivs_buf_printf(b, "<%s>", name);
    for (size_t i = 0; i < value->len; i++) {
        char c = value->data[i];

        if (strchr("<>&\"\r\n\t", c) != NULL)
            ivs_buf_printf(b, "&#%d;", c);
        else
            ivs_buf_putc(b, c);
    }
    ivs_buf_printf(b, "</%s>", name);
}

static void
print(const ivs_sts_answer *a, bool error, ivs_buf *ret)
{
    if (error) {
        ivs_buf_puts(ret, "<ErrorResponse><Error>");
        put(ret, "Code", &a->code);
        put(ret, "Message", &a->message);
        ivs_buf_puts(ret, "</Error></ErrorResponse>");
        return;
    }
    ivs_buf_puts(ret, "<AssumeRoleResponse><AssumeRoleResult><Credentials>");
    put(ret, "AccessKeyId", &a->access_key_id);
    put(ret, "SecretAccessKey", &a->secret_access_key);
    put(ret, "SessionToken", &a->session_token);
    put(ret, "Expiration", &a->expiration);
    ivs_buf_puts(ret, "</Credentials></AssumeRoleResult></AssumeRoleResponse>");
}

static void
same(const ivs_buf *a, const ivs_buf *b)
{
    REQUIRE(a->len == b->len);
    if (a->len > 0)
        REQUIRE(memcmp(a->data, b->data, a->len) == 0);
}

static void
same_again(const ivs_sts_answer *a)
{
    bool error = a->code.len > 0 || a->message.len > 0;
    ivs_buf text = IVS_BUF_INIT;
    ivs_sts_answer b = {0};

    print(a, error, &text);
    REQUIRE(ivs_sts_answer_parse("AssumeRole", text.data, text.len, &b, NULL) ==
            IVS_OK);
    same(&a->access_key_id, &b.access_key_id);
    same(&a->secret_access_key, &b.secret_access_key);
    same(&a->session_token, &b.session_token);
    same(&a->expiration, &b.expiration);
    same(&a->code, &b.code);
    same(&a->message, &b.message);
    ivs_sts_answer_free(&b);
    ivs_buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    ivs_sts_answer a = {0};

    if (ivs_sts_answer_parse("AssumeRole", text, size, &a, NULL) == IVS_OK) {
        same_again(&a);
        REQUIRE(size < 9 || memcmp(text, "<!DOCTYPE", 9) != 0);
        ivs_sts_answer_free(&a);
    }
    if (ivs_sts_answer_parse("AssumeRoleX", text, size, &a, NULL) == IVS_OK) {
        REQUIRE(a.access_key_id.len == 0 || a.code.len == 0);
        ivs_sts_answer_free(&a);
    }
    return 0;
}
