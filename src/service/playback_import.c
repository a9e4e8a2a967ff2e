/* SPDX-License-Identifier: MIT */
/* The import of a key, which may get lost on its way. */

#include <ivs/playback_key.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/typed.h"

#define TRIES 2

struct import {
    ivs_client *client;
    const char *name; /* "" for none */
    char fingerprint[IVS_FINGERPRINT_SIZE];
    ivs_buf input;
    bool lost; /* an import may have worked without telling */
};

void
ivs_import_options_init(ivs_import_options *opt, size_t size)
{
    memset(opt, 0, size);
    opt->size = size;
}

/* Name and tags may be of one with the same key that someone else imported. */
static bool
is_ours(const struct import *im, const ivs_playback_key *found)
{
    return im->lost && strcmp(ivs_playback_key_name(found), im->name) == 0;
}

static ivs_status
recover(const ivs_playback_key *found, ivs_playback_key **ret, ivs_error *err)
{
    ivs_playback_key *key = calloc(1, sizeof *key);

    if (key == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a key pair");
    key->doc = json_incref(found->doc);
    key->tags = found->tags;
    key->recovered = true;
    *ret = key;
    return IVS_OK;
}

/* Name who has the key. Two pairs cannot share one, so ours was not made. */
static ivs_status
fail_conflict(struct import *im, const ivs_playback_key *found, ivs_error *last)
{
    ivs_error before = *last;
    bool conflict = before.http_status == 409;

    (void)ivs_fail(last, IVS_E_SERVICE, "%s has this key already (%s)",
                   ivs_playback_key_arn(found),
                   conflict ? before.aws_code : "found after a lost answer");
    if (conflict) {
        last->http_status = before.http_status;
        memcpy(last->aws_code, before.aws_code, sizeof last->aws_code);
        memcpy(last->request_id, before.request_id, sizeof last->request_id);
    }
    im->lost = false;
    return IVS_E_SERVICE;
}

static bool
all_known(const ivs_playback_keys *keys)
{
    for (size_t i = 0; i < ivs_playback_keys_count(keys); i++)
        if (ivs_playback_key_fingerprint(ivs_playback_keys_at(keys, i))[0] ==
            '\0')
            return false;
    return true;
}

/* Look where the key is after an import failed with what is in `last`. *ret is
 * set where that import has worked; *ret_again where it surely has not. */
static ivs_status
look(struct import *im, ivs_playback_key **ret, bool *ret_again,
     ivs_error *last)
{
    ivs_playback_keys *keys = NULL;
    const ivs_playback_key *found;
    ivs_error err = {0};
    ivs_status s = ivs_playback_keys_list(im->client, true, &keys, &err);

    if (s == IVS_E_CANCELLED)
        *last = err;
    if (s != IVS_OK)
        return last->code;
    found = ivs_playback_keys_find(keys, im->fingerprint);
    if (found == NULL) {
        *ret_again = last->http_status != 409 && all_known(keys);
        s = last->code;
    } else if (is_ours(im, found)) {
        s = recover(found, ret, last);
    } else {
        s = fail_conflict(im, found, last);
    }
    ivs_playback_keys_free(keys);
    return s;
}

static ivs_status
check_fingerprint(const struct import *im, const ivs_playback_key *key,
                  ivs_error *err)
{
    if (strcmp(ivs_playback_key_fingerprint(key), im->fingerprint) == 0)
        return IVS_OK;
    return ivs_fail(err, IVS_E_KEY,
                    "the service says the fingerprint is \"%.47s\", expected "
                    "%s; do not use %s",
                    ivs_playback_key_fingerprint(key), im->fingerprint,
                    ivs_playback_key_arn(key));
}

static ivs_status
try_once(const struct import *im, ivs_playback_key **ret, ivs_error *err)
{
    json_t *answer = NULL;
    ivs_playback_key *key = NULL;
    ivs_status s = ivs_typed_call(im->client, "ImportPlaybackKeyPair",
                                  &im->input, &answer, err);

    if (s == IVS_OK)
        s = ivs_playback_key_make(answer, "ImportPlaybackKeyPair", &key, err);
    if (s == IVS_OK)
        s = check_fingerprint(im, key, err);
    json_decref(answer);
    if (s == IVS_OK)
        *ret = key;
    else
        ivs_playback_key_free(key);
    return s;
}

/* No answer, a failure of the server, or a success that says nothing of a key:
 * a proxy, perhaps, has put its own in the place of the service's. */
static bool
may_have_worked(const ivs_error *e)
{
    return e->unanswered == 1 || e->http_status >= 500 ||
           (e->code == IVS_E_SERVICE && e->http_status < 300);
}

static ivs_status
run(struct import *im, ivs_playback_key **ret, ivs_error *err)
{
    ivs_error last = {0};
    bool again = true;
    ivs_status s = IVS_OK;

    for (int n = 0; again && n < TRIES; n++) {
        again = false;
        s = try_once(im, ret, &last);
        if (s == IVS_OK || s == IVS_E_CANCELLED)
            break;
        im->lost = im->lost || may_have_worked(&last);
        if (im->lost || last.http_status == 409)
            s = look(im, ret, &again, &last);
    }
    if (im->lost)
        last.unanswered = 1;
    if (s != IVS_OK && err != NULL)
        *err = last;
    return s;
}

static ivs_status
build(const ivs_key *key, const ivs_import_options *opt, struct import *im,
      ivs_error *err)
{
    char *pem = NULL;
    size_t len = 0;
    ivs_status s;

    if ((s = ivs_typed_check_tags(opt->tags, opt->ntags, err)) != IVS_OK ||
        (s = ivs_key_fingerprint(key, im->fingerprint, err)) != IVS_OK ||
        (s = ivs_key_export(key, IVS_KEY_SPKI, NULL, &pem, &len, err)) !=
            IVS_OK)
        return s;
    ivs_buf_putc(&im->input, '{');
    ivs_typed_text(&im->input, "publicKeyMaterial", pem);
    ivs_free_secret(pem, len);
    if (opt->name != NULL) {
        ivs_buf_putc(&im->input, ',');
        ivs_typed_text(&im->input, "name", opt->name);
    }
    if (opt->ntags > 0) {
        ivs_buf_puts(&im->input, ",\"tags\":");
        ivs_typed_tags(&im->input, opt->tags, opt->ntags);
    }
    ivs_buf_putc(&im->input, '}');
    return IVS_OK;
}

ivs_status
ivs_playback_key_import(ivs_client *client, const ivs_key *key,
                        const ivs_import_options *opt, ivs_playback_key **ret,
                        ivs_error *err)
{
    struct import im = {.client = client, .name = ""};
    ivs_import_options o;
    ivs_status s;

    if (client == NULL || key == NULL || ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "client, key or ret is NULL");
    ivs_import_options_init(&o, sizeof o);
    if (opt != NULL && (s = ivs_options_copy(&o, sizeof o, opt, err)) != IVS_OK)
        return s;
    if (o.tags == NULL && o.ntags > 0)
        return ivs_fail(err, IVS_E_ARG, "tags is NULL");
    if (o.name != NULL)
        im.name = o.name;
    s = build(key, &o, &im, err);
    if (s == IVS_OK)
        s = run(&im, ret, err);
    ivs_buf_free(&im.input);
    return s;
}
