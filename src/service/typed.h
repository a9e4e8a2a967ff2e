/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_TYPED_H
#define IVS_SERVICE_TYPED_H

/* What functions for one operation share: inputs built up as text, answers as
 * documents, and the objects that are made of them. */

#include <jansson.h>
#include <stdbool.h>

#include <ivs/playback_key.h>

#include "base/buf.h"

/* Call with what was built up. *ret is the answer, NULL where it is empty; ret
 * may be NULL. */
ivs_status ivs_typed_call(ivs_client *client, const char *operation,
                          const ivs_buf *input, json_t **ret, ivs_error *err);

/* The same with one member of text, which is refused where it is NULL. */
ivs_status ivs_typed_call_one(ivs_client *client, const char *operation,
                              const char *member, const char *text,
                              json_t **ret, ivs_error *err);

/* IVS_E_SERVICE: the answer to an operation has no ... */
ivs_status ivs_typed_lacks(const char *operation, const char *what,
                           ivs_error *err);

/* Append "name":"text". */
void ivs_typed_text(ivs_buf *b, const char *name, const char *text);

/* No tag has a NULL in it. */
ivs_status ivs_typed_check_tags(const ivs_tag *tags, size_t ntags,
                                ivs_error *err);

/* Append {"key":"value",...}. */
void ivs_typed_tags(ivs_buf *b, const ivs_tag *tags, size_t ntags);

/* Whether a value is tags: an object of text, or absent. */
bool ivs_are_tags(const json_t *value);

struct ivs_tags {
    json_t *map; /* NULL: none */
};

struct ivs_playback_key {
    json_t *doc;
    ivs_tags tags; /* map is doc's own */
    bool recovered;
    char problem[sizeof((ivs_error *)0)->message];
};

struct ivs_playback_keys {
    ivs_playback_key *v;
    size_t n;
};

/* A key pair of the service's document, which it takes a reference to. `what`
 * is what the answer lacks if this is none. */
ivs_status ivs_playback_key_set(ivs_playback_key *key, json_t *doc,
                                const char *operation, const char *what,
                                ivs_error *err);

/* A key pair of an answer's member keyPair. */
ivs_status ivs_playback_key_make(const json_t *answer, const char *operation,
                                 ivs_playback_key **ret, ivs_error *err);

#endif
