/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_BATCH_MEMBERS_H
#define IVS_CLI_BATCH_MEMBERS_H

/* The row that batch_row.c mints and batch_members.c fills. */

#include "batch.h"

/* Bytes of what was found that a message shows. */
#define BATCH_SHOWN 60

enum batch_claim {
    BATCH_CHANNEL,
    BATCH_VIEWER,
    BATCH_VERSION,
    BATCH_ORIGINS,
    BATCH_STRICT,
    BATCH_SINGLE_USE,
    BATCH_RESOLUTION,
    BATCH_EXPIRY,
    BATCH_URL,
    BATCH_EXTRA
};

struct batch_row {
    const struct batch_defaults *defaults;
    int64_t now_s;
    ivs_claims claims; /* borrows from the row's JSON and from what follows */
    bool version_now;
    bool single_use;
    const char *url;
    json_t *extra; /* NULL: as the defaults */
    unsigned seen; /* bits of what members have set */
    char channel[IVS_ARN_MAX + 1];
    char uuid[MINT_UUID_SIZE];
    const char **origins;
    size_t origins_room;
    char *origin_text;
    char token[IVS_TOKEN_MAX];
    ivs_error err;
};

/* Put the members of a row's object in place of the defaults. False with
 * row->err where one of them cannot be used. */
bool batch_members(struct batch_row *row, json_t *object);

/* Note an error; member may be NULL. False. */
IVS_PRINTF(3, 4)
bool batch_refuse(struct batch_row *row, const char *member, const char *fmt,
                  ...);

#endif
