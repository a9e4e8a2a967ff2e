/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_CREDENTIALS_PROVIDER_H
#define IVS_AWS_CREDENTIALS_PROVIDER_H

/*
 * Sources of keys. Each kind is a file of its own and hides behind
 * ivs_provider; credentials_cache.c keeps what they give, credentials_chain.c
 * picks one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/config.h"
#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/profile.h"

/* ---- keys: credentials_keys.c ---- */

#define IVS_NEVER INT64_MAX

/* Keys as a source gives them. */
typedef struct ivs_provided {
    ivs_credentials_keys keys;
    int64_t expires_s; /* IVS_NEVER: they do not */
} ivs_provided;

/* Keys as they are found. */
typedef struct ivs_key_parts {
    const char *access_key_id, *secret_access_key;
    const char *session_token; /* NULL or "": long-term keys */
} ivs_key_parts;

/* What the parts are called where they come from. */
typedef struct ivs_key_names {
    const char *access_key_id, *secret_access_key, *session_token;
} ivs_key_names;

/* Whether a text may go into a header: nothing that ends one or hides in it. */
bool ivs_is_plain(const char *text, size_t len);
/* The same of keys; fails with code and the part's name. */
ivs_status ivs_key_parts_check(const ivs_key_parts *parts,
                               const ivs_key_names *names, ivs_status code,
                               ivs_error *err);
/* ret is untouched on failure. */
ivs_status ivs_key_parts_copy(const ivs_key_parts *parts,
                              ivs_credentials_keys *ret, ivs_error *err);
bool ivs_keys_equal(const ivs_credentials_keys *a,
                    const ivs_credentials_keys *b);
/* Whether a text repeats one of their secrets. */
bool ivs_keys_are_in(const ivs_credentials_keys *keys, const char *text);

/* ---- providers ---- */

/* What all sources of an ivs_credentials share; outlives them. */
typedef struct ivs_source_context {
    ivs_clock clock;
    ivs_transport transport; /* send NULL: http, once it is needed */
    ivs_http *http;
    char *ca_bundle;
    bool allow_http;
    int64_t process_timeout_ms;
    ivs_cancel cancel; /* of the call that fetches; there is one at a time */
} ivs_source_context;

typedef struct ivs_provider ivs_provider;

/* The first member of every kind. */
struct ivs_provider {
    char *name; /* for people, without a secret */
    bool fixed; /* to ask again would be in vain */
    ivs_status (*fetch)(ivs_provider *self, ivs_provided *ret, ivs_error *err);
    void (*release)(ivs_provider *self); /* members of its own; or NULL */
};

/* A zeroed one of size bytes that takes over the text of name, or NULL when
 * that failed or memory ran out, with err filled. */
void *ivs_provider_new(size_t size, ivs_buf *name, ivs_error *err);
/* Ask for keys into a zeroed ret. Whatever goes wrong is IVS_E_CREDENTIALS with
 * the name in front, IVS_E_NOMEM or IVS_E_CANCELLED; keys that have expired are
 * wrong. */
ivs_status ivs_provider_fetch(ivs_provider *p, const ivs_source_context *c,
                              ivs_provided *ret, ivs_error *err);
void ivs_provider_free(ivs_provider *p);

/* ---- requests: credentials_http.c ---- */

/* Far beyond any answer with keys. */
#define IVS_SOURCE_ANSWER_MAX (64 * 1024)

typedef struct ivs_source_answer {
    int status;
    ivs_buf body; /* secret, NUL-terminated */
    bool too_large;
} ivs_source_answer;

/*
 * Send up to `attempts` times: again after a lost answer, a 429 or a 5xx. Of
 * its timeouts the request has the total one. ret is zeroed; release its body.
 * IVS_E_NETWORK: no answer; IVS_E_CANCELLED.
 */
ivs_status ivs_source_send(ivs_source_context *c,
                           const ivs_http_request *request, int attempts,
                           ivs_source_answer *ret, ivs_error *err);
/* Append text with every byte encoded that is not unreserved (RFC 3986). */
void ivs_url_encode(ivs_buf *b, const char *text);
int64_t ivs_source_now(const ivs_source_context *c);

/* ---- kinds ---- */

/*
 * Each finds out whether its source is configured. IVS_OK with *ret NULL: it is
 * not, and why is a sentence. The profile is the one to look in, which need not
 * be the one that was asked for.
 */
typedef struct ivs_source_place {
    ivs_source_context *context;
    const ivs_environment *env;
    const ivs_profile *profile; /* NULL: not read */
    const ivs_profile *asked;   /* the one that was asked for: it has the
                                   settings of STS and instance metadata */
    const ivs_credentials_setup *setup;
    ivs_buf *why;
} ivs_source_place;

typedef ivs_status ivs_source_maker(const ivs_source_place *at,
                                    ivs_provider **ret, ivs_error *err);

ivs_source_maker ivs_source_environment;    /* credentials_static.c */
ivs_source_maker ivs_source_keys;           /* of either shared file */
ivs_source_maker ivs_source_keys_of_config; /* of the config file */
ivs_source_maker ivs_source_keys_of_credentials;
ivs_source_maker ivs_source_role;         /* credentials_role.c */
ivs_source_maker ivs_source_web_identity; /* credentials_sts.c */
ivs_source_maker ivs_source_web_identity_env;
ivs_source_maker ivs_source_sso;       /* credentials_sso.c */
ivs_source_maker ivs_source_login;     /* credentials_chain.c */
ivs_source_maker ivs_source_process;   /* credentials_process.c */
ivs_source_maker ivs_source_container; /* credentials_container.c */
ivs_source_maker ivs_source_instance;  /* credentials_instance.c */

/* credentials_static.c */
ivs_status ivs_source_fixed(const char *name, const ivs_key_parts *parts,
                            int64_t expires_s, ivs_provider **ret,
                            ivs_error *err);

/* The value of a key of the profile; NULL where it has none or an empty one. */
const char *ivs_source_value(const ivs_source_place *at, const char *key);
/* A variable, else a key of the profile that was asked for. */
const char *ivs_source_setting(const ivs_source_place *at, const char *variable,
                               const char *key);

/* credentials_sts.c: a role that the keys of source, which is taken over even
 * on failure, may take on. */
ivs_status ivs_source_assume(const ivs_source_place *at, ivs_provider *source,
                             ivs_provider **ret, ivs_error *err);

/* ---- the object: credentials_cache.c ---- */

/* Takes over both, even on failure. */
ivs_status ivs_credentials_new(ivs_source_context *context,
                               ivs_provider *provider, ivs_credentials **ret,
                               ivs_error *err);
/* Keys that were fetched already; takes them over. */
void ivs_credentials_seed(ivs_credentials *credentials, ivs_provided *first);
/* When the keys at hand expire. */
int64_t ivs_credentials_expiry(ivs_credentials *credentials);
/* NULL when out of memory; zero members get their defaults. */
ivs_source_context *ivs_source_context_new(const ivs_credentials_setup *setup);
void ivs_source_context_free(ivs_source_context *c);

#endif
