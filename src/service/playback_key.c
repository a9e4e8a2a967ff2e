/* SPDX-License-Identifier: MIT */
/* The service's key pairs: got, listed, deleted. */

#include <ivs/playback_key.h>

#include <stdlib.h>
#include <string.h>

#include <ivs/arn.h>

#include "base/error.h"
#include "base/json.h"
#include "service/typed.h"

/* ---- one ---- */

static const char *
text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "";
}

static bool
is_text_or_none(const json_t *value)
{
    return value == NULL || json_is_null(value) || json_is_string(value);
}

static bool
is_pair(const json_t *doc)
{
    const char *arn = text_of(doc, "arn");
    ivs_arn parts;

    return ivs_arn_parse(arn, strlen(arn), &parts, NULL) == IVS_OK &&
           parts.type == IVS_ARN_PLAYBACK_KEY &&
           is_text_or_none(json_object_get(doc, "name")) &&
           is_text_or_none(json_object_get(doc, "fingerprint")) &&
           ivs_are_tags(json_object_get(doc, "tags"));
}

ivs_status
ivs_playback_key_set(ivs_playback_key *key, json_t *doc, const char *operation,
                     const char *what, ivs_error *err)
{
    if (!is_pair(doc))
        return ivs_typed_lacks(operation, what, err);
    json_decref(key->doc);
    key->doc = json_incref(doc);
    key->tags.map = json_object_get(doc, "tags");
    return IVS_OK;
}

ivs_status
ivs_playback_key_make(const json_t *answer, const char *operation,
                      ivs_playback_key **ret, ivs_error *err)
{
    ivs_playback_key *key = calloc(1, sizeof *key);
    ivs_status s;

    if (key == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a key pair");
    s = ivs_playback_key_set(key, json_object_get(answer, "keyPair"), operation,
                             "keyPair with an ARN", err);
    if (s == IVS_OK)
        *ret = key;
    else
        free(key);
    return s;
}

ivs_status
ivs_playback_key_get(ivs_client *client, const char *arn,
                     ivs_playback_key **ret, ivs_error *err)
{
    json_t *answer = NULL;
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    s = ivs_typed_call_one(client, "GetPlaybackKeyPair", "arn", arn, &answer,
                           err);
    if (s == IVS_OK)
        s = ivs_playback_key_make(answer, "GetPlaybackKeyPair", ret, err);
    json_decref(answer);
    return s;
}

ivs_status
ivs_playback_key_delete(ivs_client *client, const char *arn, ivs_error *err)
{
    return ivs_typed_call_one(client, "DeletePlaybackKeyPair", "arn", arn, NULL,
                              err);
}

const char *
ivs_playback_key_arn(const ivs_playback_key *key)
{
    return text_of(key->doc, "arn");
}

const char *
ivs_playback_key_name(const ivs_playback_key *key)
{
    return text_of(key->doc, "name");
}

const char *
ivs_playback_key_fingerprint(const ivs_playback_key *key)
{
    return text_of(key->doc, "fingerprint");
}

const ivs_tags *
ivs_playback_key_tags(const ivs_playback_key *key)
{
    return &key->tags;
}

bool
ivs_playback_key_recovered(const ivs_playback_key *key)
{
    return key->recovered;
}

const char *
ivs_playback_key_problem(const ivs_playback_key *key)
{
    return key->problem;
}

void
ivs_playback_key_free(ivs_playback_key *key)
{
    if (key == NULL)
        return;
    json_decref(key->doc);
    free(key);
}

/* ---- all ---- */

/* What a page's callback gets. */
struct listing {
    ivs_playback_keys *keys;
    ivs_error *err;
    ivs_status status;
};

static ivs_status
add_pair(ivs_playback_keys *keys, json_t *doc, ivs_error *err)
{
    ivs_playback_key *v = reallocarray(keys->v, keys->n + 1, sizeof *keys->v);

    if (v == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for key pairs");
    keys->v = v;
    v[keys->n] = (ivs_playback_key){0};
    keys->n++;
    return ivs_playback_key_set(&v[keys->n - 1], doc, "ListPlaybackKeyPairs",
                                "keyPairs with ARNs", err);
}

static bool
add_page(const ivs_result *page, void *user)
{
    struct listing *l = user;
    json_t *body = NULL, *pairs;
    size_t len;
    const char *text = ivs_result_body(page, &len);

    l->status =
        ivs_json_parse(text, len, IVS_JSON_OBJECT | IVS_JSON_BIG_INTEGERS,
                       "the answer", &body, NULL, l->err);
    pairs = json_object_get(body, "keyPairs");
    for (size_t i = 0; l->status == IVS_OK && i < json_array_size(pairs); i++)
        l->status = add_pair(l->keys, json_array_get(pairs, i), l->err);
    json_decref(body);
    return l->status == IVS_OK;
}

/* Put what only a get tells in the place of a summary. */
static ivs_status
complete(ivs_client *client, ivs_playback_key *key, ivs_error *err)
{
    ivs_playback_key *whole = NULL;
    ivs_error last = {0};
    ivs_status s =
        ivs_playback_key_get(client, ivs_playback_key_arn(key), &whole, &last);

    if (s == IVS_E_SERVICE) {
        memcpy(key->problem, last.message, sizeof key->problem);
        return IVS_OK;
    }
    if (s == IVS_OK &&
        strcmp(ivs_playback_key_arn(whole), ivs_playback_key_arn(key)) != 0)
        s = ivs_typed_lacks("GetPlaybackKeyPair", "keyPair of that ARN", &last);
    if (s == IVS_OK)
        s = ivs_playback_key_set(key, whole->doc, "GetPlaybackKeyPair",
                                 "keyPair with an ARN", &last);
    ivs_playback_key_free(whole);
    if (s != IVS_OK && err != NULL)
        *err = last;
    return s;
}

ivs_status
ivs_playback_keys_list(ivs_client *client, bool fingerprints,
                       ivs_playback_keys **ret, ivs_error *err)
{
    struct listing l = {.err = err};
    ivs_status s;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    l.keys = calloc(1, sizeof *l.keys);
    if (l.keys == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for key pairs");
    s = ivs_client_paginate(client, "ListPlaybackKeyPairs", NULL, 0, add_page,
                            &l, err);
    if (s == IVS_OK)
        s = l.status;
    for (size_t i = 0; s == IVS_OK && fingerprints && i < l.keys->n; i++)
        s = complete(client, &l.keys->v[i], err);
    if (s == IVS_OK)
        *ret = l.keys;
    else
        ivs_playback_keys_free(l.keys);
    return s;
}

size_t
ivs_playback_keys_count(const ivs_playback_keys *keys)
{
    return keys->n;
}

const ivs_playback_key *
ivs_playback_keys_at(const ivs_playback_keys *keys, size_t index)
{
    return index < keys->n ? &keys->v[index] : NULL;
}

const ivs_playback_key *
ivs_playback_keys_find(const ivs_playback_keys *keys, const char *fingerprint)
{
    for (size_t i = 0; i < keys->n && fingerprint[0] != '\0'; i++)
        if (strcmp(ivs_playback_key_fingerprint(&keys->v[i]), fingerprint) == 0)
            return &keys->v[i];
    return NULL;
}

void
ivs_playback_keys_free(ivs_playback_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->n; i++)
        json_decref(keys->v[i].doc);
    free(keys->v);
    free(keys);
}
