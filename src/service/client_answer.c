/* SPDX-License-Identifier: MIT */
/* Taking an answer in. */

#include <string.h>

#include "base/ascii.h"
#include "base/time.h"
#include "service/client_impl.h"

void
ivs_answer_text(char *dst, size_t cap, const char *value, size_t len)
{
    if (len >= cap) {
        len = cap - 1;
        while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(dst, value, len);
    dst[len] = '\0';
}

/* What is too long for its place is not what belongs there; a part of it could
 * be a part of a secret. */
static void
copy_whole(char *dst, size_t cap, const char *value, size_t len)
{
    ivs_answer_text(dst, cap, value, len < cap ? len : 0);
}

void
ivs_answer_word(char *dst, size_t cap, const char *value, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~+/=";

    copy_whole(dst, cap, value, len);
    if (dst[strspn(dst, plain)] != '\0')
        dst[0] = '\0';
}

static bool
is_name(const char *name, size_t len, const char *expected)
{
    return len == strlen(expected) &&
           ivs_ascii_starts_equal_nocase(name, expected, len);
}

static void
take_header(const char *name, size_t name_len, const char *value, size_t len,
            ivs_answer *answer)
{
    const struct {
        const char *name;
        char *dst;
        size_t cap;
    } wanted[] = {
        {"x-amzn-errortype", answer->error_type, sizeof answer->error_type},
        {"content-type", answer->content_type, sizeof answer->content_type},
        {"x-amz-retry-after", answer->amz_retry_after,
         sizeof answer->amz_retry_after},
        {"retry-after", answer->retry_after, sizeof answer->retry_after},
    };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (is_name(name, name_len, wanted[i].name))
            copy_whole(wanted[i].dst, wanted[i].cap, value, len);
    if (is_name(name, name_len, "x-amzn-requestid"))
        ivs_answer_word(answer->request_id, sizeof answer->request_id, value,
                        len);
    if (is_name(name, name_len, "date"))
        answer->dated = ivs_time_parse_http(value, len, &answer->date_s);
    if (is_name(name, name_len, "age"))
        answer->aged = true;
}

bool
ivs_answer_header(const char *name, size_t name_len, const char *value,
                  size_t value_len, ivs_answer *answer)
{
    answer->header_bytes += name_len + value_len + 4;
    if (answer->header_bytes > IVS_ANSWER_HEADER_MAX) {
        answer->too_large = true;
        return false;
    }
    take_header(name, name_len, value, value_len, answer);
    return true;
}

bool
ivs_answer_body(const char *data, size_t len, ivs_answer *answer)
{
    if (len > IVS_ANSWER_BODY_MAX - answer->body.len) {
        answer->too_large = true;
        return false;
    }
    ivs_buf_append(&answer->body, data, len);
    return !answer->body.failed;
}

void
ivs_answer_free(ivs_answer *answer)
{
    ivs_buf_free(&answer->body);
    *answer = (ivs_answer){0};
}

bool
ivs_answer_holds_secret(const ivs_client *client, const char *text)
{
    return ivs_credentials_are_in(client->credentials, text) ||
           strstr(text, "Signature=") != NULL;
}

void
ivs_answer_redact(const ivs_client *client, ivs_answer *answer)
{
    char *const texts[] = {answer->error_type, answer->request_id,
                           answer->content_type};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i][0] != '\0' && ivs_answer_holds_secret(client, texts[i]))
            texts[i][0] = '\0';
}
