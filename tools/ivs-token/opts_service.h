/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_OPTS_SERVICE_H
#define IVS_CLI_OPTS_SERVICE_H

/*
 * Values of the commands that call the service. Their rows are known to both
 * programs, so that ivs-token alone gives help and finds mistakes; what acts on
 * the values is in ivs-token-service only.
 */

#include "cli.h"

/* key import */
struct import_opts {
    const char *key;
    const char *name;
    struct list tags;
};
CLI_VALUES_FIT(struct import_opts);

/* key list */
struct list_opts {
    const char *keys;
};
CLI_VALUES_FIT(struct list_opts);

/* key rotate */
struct rotate_opts {
    const char *old;
    const char *old_key;
    const char *out;
    const char *name;
    struct number grace;
    struct number max_ttl;
    const char *keys;
    bool dry_run;
    struct number now;
};
CLI_VALUES_FIT(struct rotate_opts);

/* key get, delete */
struct arn_opts {
    const char *arn;
};
CLI_VALUES_FIT(struct arn_opts);

/* key match */
struct match_opts {
    const char *key;
};
CLI_VALUES_FIT(struct match_opts);

/* revoke viewer */
struct viewer_opts {
    const char *channel;
    const char *viewer_id;
    struct version up_to;
    const char *token;
    struct number now;
};
CLI_VALUES_FIT(struct viewer_opts);

/* What a run of revoke batch without a job file may have: about four minutes'
 * worth. As a word it is in the help, too. */
#define UNKEPT_WORD 10000
#define UNKEPT_MAX  ((int64_t)UNKEPT_WORD)

/* revoke batch */
struct batch_opts {
    const char *file;
    const char *job;
    struct number rate;
    ivs_revoke_lane lane;
    struct version up_to;
    bool any_region;
    bool validate_only;
    bool dry_run;
    const char *progress; /* NULL: for a terminal */
    struct number now;
};
CLI_VALUES_FIT(struct batch_opts);

/* revoke status */
struct status_opts {
    const char *job;
    bool failed;
};
CLI_VALUES_FIT(struct status_opts);

/* doctor */
struct doctor_opts {
    struct list keys;
    const char *channel;
    const char *url;
    const char *token;
    const char *origin;
    const char *probe; /* NULL: none; "burn": of single-use tokens, too */
    struct number now;
};
CLI_VALUES_FIT(struct doctor_opts);

/* api describe, call */
struct api_opts {
    const char *operation;
    const char *input;
    bool paginate;
    bool no_validate;
    bool skeleton;
};
CLI_VALUES_FIT(struct api_opts);

#endif
