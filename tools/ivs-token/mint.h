/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_MINT_H
#define IVS_CLI_MINT_H

/* What token mint of one token and of a batch share. */

#include "cli.h"

#define MINT_TTL_DEFAULT 300
#define MINT_UUID_SIZE   37
#define MINT_JOBS_MAX    1024

struct mint_opts {
    const char *key;
    const char *channel;
    struct number ttl;
    struct number expires_at;
    const char *viewer_id;
    struct version viewer_version;
    struct list origins;
    bool strict_origin;
    const char *single_use; /* "": make one */
    ivs_resolution resolution;
    struct list claims;
    const char *playback_url;
    const char *batch;
    struct number jobs;
    struct number now;
};
CLI_VALUES_FIT(struct mint_opts);

/* ---- cmd_token.c ---- */

/* The channel of --channel and --playback-url, which may be in buf. */
int mint_channel(struct cli *c, const struct mint_opts *opts,
                 char buf[IVS_ARN_MAX + 1], const char **ret);
/* The object of --claim; *ret is NULL where there is none. */
int mint_extra_claims(struct cli *c, const struct list *list, json_t **ret);
/* The life or the expiry that the options give. */
int mint_expiry(struct cli *c, const struct mint_opts *opts, ivs_claims *ret);

/* ---- mint_parts.c: no messages of their own, for rows have theirs ---- */

/* A random UUID (RFC 9562 section 5.4). */
bool mint_uuid(char ret[MINT_UUID_SIZE]);
bool mint_resolution(const char *text, ivs_resolution *ret);
/* The channel of a playback URL; false with the reason in *err. */
bool mint_channel_of_url(const char *url, char ret[IVS_ARN_MAX + 1],
                         ivs_error *err);
/* JSON of further claims, its numbers as short as they can be written. */
char *mint_claims_text(const json_t *claims);
/* The playback URL with the token in its query, before any fragment. */
char *mint_join_url(const char *url, const char *token);

/* ---- cmd_mint_batch.c ---- */

int token_mint_batch(struct cli *c, const struct mint_opts *opts);

#endif
