/* SPDX-License-Identifier: MIT */
/* Keys: what they may be made of, and copies of them. */

#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

bool
ivs_is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] >= 0x7f)
            return false;
    return true;
}

static ivs_status
check_part(const char *name, const char *value, ivs_status code, ivs_error *err)
{
    if (value != NULL && !ivs_is_plain(value, strlen(value)))
        return ivs_fail_member(err, code, name,
                               "%s holds a space, a control byte or a byte "
                               "beyond ASCII, expected printable ASCII",
                               name);
    return IVS_OK;
}

ivs_status
ivs_key_parts_check(const ivs_key_parts *parts, const ivs_key_names *names,
                    ivs_status code, ivs_error *err)
{
    ivs_status s;

    s = check_part(names->access_key_id, parts->access_key_id, code, err);
    if (s == IVS_OK && strpbrk(parts->access_key_id, "/,") != NULL)
        s = ivs_fail_member(err, code, names->access_key_id,
                            "%s holds a slash or comma, expected letters and "
                            "digits; are key id and secret swapped?",
                            names->access_key_id);
    if (s == IVS_OK)
        s = check_part(names->secret_access_key, parts->secret_access_key, code,
                       err);
    if (s == IVS_OK)
        s = check_part(names->session_token, parts->session_token, code, err);
    return s;
}

ivs_status
ivs_key_parts_copy(const ivs_key_parts *parts, ivs_credentials_keys *ret,
                   ivs_error *err)
{
    ivs_credentials_keys keys = {IVS_BUF_SECRET, IVS_BUF_SECRET,
                                 IVS_BUF_SECRET};

    ivs_buf_puts(&keys.access_key_id, parts->access_key_id);
    ivs_buf_puts(&keys.secret_access_key, parts->secret_access_key);
    ivs_buf_puts(&keys.session_token,
                 parts->session_token == NULL ? "" : parts->session_token);
    if (keys.access_key_id.failed || keys.secret_access_key.failed ||
        keys.session_token.failed) {
        ivs_credentials_keys_free(&keys);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for credentials");
    }
    *ret = keys;
    return IVS_OK;
}

static bool
equal(const ivs_buf *a, const ivs_buf *b)
{
    return a->len == b->len &&
           (a->len == 0 || ivs_equal_ct(a->data, b->data, a->len));
}

bool
ivs_keys_equal(const ivs_credentials_keys *a, const ivs_credentials_keys *b)
{
    return equal(&a->access_key_id, &b->access_key_id) &&
           equal(&a->secret_access_key, &b->secret_access_key) &&
           equal(&a->session_token, &b->session_token);
}

/* Real keys and tokens have 40 characters and more; a word such as "test" in
 * their place is no secret and may be in any sentence. */
#define SECRET_MIN 16

static bool
is_in(const char *text, const ivs_buf *secret)
{
    return secret->len >= SECRET_MIN && strstr(text, secret->data) != NULL;
}

bool
ivs_keys_are_in(const ivs_credentials_keys *keys, const char *text)
{
    return is_in(text, &keys->secret_access_key) ||
           is_in(text, &keys->session_token);
}

void
ivs_credentials_keys_free(ivs_credentials_keys *keys)
{
    ivs_buf_free(&keys->access_key_id);
    ivs_buf_free(&keys->secret_access_key);
    ivs_buf_free(&keys->session_token);
}
