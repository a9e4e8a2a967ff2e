/* SPDX-License-Identifier: MIT */
/* The pairs of a job in their order, but for regions that have enough of them:
 * how far each of those has come is kept, and caught up on later. */

#include <string.h>

#include "job_sql.h"

static bool
is_among(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* How far a region's rows were handed out. */
static int64_t
pulled_of(const struct job *job, const char *region)
{
    for (size_t i = 0; i < job->nbehind; i++)
        if (strcmp(job->behind[i].name, region) == 0)
            return job->behind[i].pulled;
    return job->pulled;
}

/* From here on the rows of these regions stay. */
static bool
note_busy(struct job *job, const char *const *busy, size_t nbusy)
{
    for (size_t i = 0; i < nbusy; i++) {
        size_t at = 0;

        while (at < job->nbehind && strcmp(job->behind[at].name, busy[i]) != 0)
            at++;
        if (at == sizeof job->behind / sizeof *job->behind)
            return false;
        if (at < job->nbehind)
            continue;
        (void)snprintf(job->behind[at].name, sizeof job->behind[at].name, "%s",
                       busy[i]);
        job->behind[at].pulled = job->pulled;
        job->nbehind++;
    }
    return true;
}

/* Where to read from, so that no region's rows are missed. */
static int64_t
first_wanted(const struct job *job, const char *const *busy, size_t nbusy)
{
    int64_t from = job->pulled;

    for (size_t i = 0; i < job->nbehind; i++)
        if (!is_among(busy, nbusy, job->behind[i].name) &&
            job->behind[i].pulled < from)
            from = job->behind[i].pulled;
    return from;
}

/* Everything up to `id` was looked at. */
static void
advance(struct job *job, const char *const *busy, size_t nbusy, int64_t id)
{
    if (job->pulled < id)
        job->pulled = id;
    for (size_t i = 0; i < job->nbehind; i++)
        if (!is_among(busy, nbusy, job->behind[i].name) &&
            job->behind[i].pulled < id)
            job->behind[i].pulled = id;
}

static bool
take(struct job *job, sqlite3_stmt *st, const char *const *busy, size_t nbusy,
     ivs_revoke_row *ret, size_t *n)
{
    const char *channel = (const char *)sqlite3_column_text(st, 1);
    const char *viewer = (const char *)sqlite3_column_text(st, 2);
    int64_t id = sqlite3_column_int64(st, 0);
    ivs_arn arn;

    /* Out of memory: never another viewer than the one that is meant. */
    if (channel == NULL || viewer == NULL ||
        ivs_arn_parse(channel, strlen(channel), &arn, NULL) != IVS_OK)
        return false;
    if (is_among(busy, nbusy, arn.region) || id <= pulled_of(job, arn.region))
        return true;
    (void)snprintf(job->text[*n].channel, sizeof job->text[*n].channel, "%s",
                   channel);
    (void)snprintf(job->text[*n].viewer, sizeof job->text[*n].viewer, "%s",
                   viewer);
    ret[*n] = (ivs_revoke_row){
        .id = id,
        .pair = {.channel_arn = job->text[*n].channel,
                 .viewer_id = job->text[*n].viewer,
                 .has_version = sqlite3_column_type(st, 3) != SQLITE_NULL,
                 .up_to_version = sqlite3_column_int64(st, 3)}};
    (*n)++;
    return true;
}

ivs_status
job_pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret, size_t cap,
         size_t *ret_n, struct job *job, ivs_error *err)
{
    const size_t room = sizeof job->text / sizeof job->text[0];
    sqlite3_stmt *st = job_statement(job, JOB_SQL_PULL);
    ivs_status s = IVS_OK;
    int64_t last = INT64_MAX; /* that was the end */
    size_t n = 0;
    int rc = SQLITE_ROW;

    if (st == NULL || !note_busy(job, busy, nbusy))
        return job_fail_callback(job, "cannot read", err);
    (void)sqlite3_bind_int64(st, 1, first_wanted(job, busy, nbusy));
    while (n < cap && n < room && (rc = sqlite3_step(st)) == SQLITE_ROW &&
           take(job, st, busy, nbusy, ret, &n))
        last = sqlite3_column_int64(st, 0);
    if (rc == SQLITE_DONE)
        last = INT64_MAX;
    else if (n < cap && n < room)
        s = job_fail_callback(job, "cannot read", err);
    (void)sqlite3_reset(st);
    if (s != IVS_OK)
        return s;
    advance(job, busy, nbusy, last);
    *ret_n = n;
    return IVS_OK;
}
