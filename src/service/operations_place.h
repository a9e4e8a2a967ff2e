/* SPDX-License-Identifier: MIT */
#ifndef IVS_SERVICE_OPERATIONS_PLACE_H
#define IVS_SERVICE_OPERATIONS_PLACE_H

/* What the files that check an input share: where the check is, and the checks
 * of what has no members. */

#include "service/operations.h"

typedef struct ivs_place {
    const ivs_operation *op;
    const char *region; /* the client's; NULL: judge as the service does */
    ivs_error *err;
    /* "viewerSessions[3].viewerId". Names of the model fit; a tag key may be
     * cut. */
    char path[160];
} ivs_place;

/* What the placeholders of a skeleton begin with. */
#define IVS_FILL_REQUIRED "<required: "
#define IVS_FILL_OPTIONAL "<optional: "

/* The resource type whose ARNs fit the shape, not NUL-terminated; NULL for
 * other shapes. */
const char *ivs_arn_type_of(const ivs_shape *shape, int *ret_len);

/* A number of characters, elements or members. */
ivs_status ivs_place_count(const ivs_place *at, const ivs_shape *shape,
                           size_t n, const char *unit);
ivs_status ivs_place_text(const ivs_place *at, const ivs_shape *shape,
                          const char *text, size_t len);
ivs_status ivs_place_integer(const ivs_place *at, const ivs_shape *shape,
                             int64_t n);

#endif
