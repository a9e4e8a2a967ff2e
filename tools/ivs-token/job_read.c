/* SPDX-License-Identifier: MIT */
/* Reading a job. Nothing of it is believed before its checksum fits. */

#include <string.h>

#include "job_sql.h"

#define PAIRS                                                                  \
    "SELECT p.id, c.arn, p.viewer, p.version, p.line, p.state, p.code,"        \
    " p.message, p.sum FROM pair AS p"                                         \
    " LEFT JOIN channel AS c ON c.id = p.channel "

static const char *
text_at(sqlite3_stmt *st, int column)
{
    const char *text = (const char *)sqlite3_column_text(st, column);

    return text != NULL ? text : "";
}

static void
copy_at(sqlite3_stmt *st, int column, char *dst, size_t cap)
{
    (void)snprintf(dst, cap, "%s", text_at(st, column));
}

/* Say why a statement ended with rc. */
static int
broken(struct cli *c, struct job *job, int rc)
{
    if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_TOOBIG)
        return job_damaged(c, job, sqlite3_errmsg(job->db));
    if (rc == SQLITE_BUSY)
        return fail(c, CLI_FAILED,
                    "the job file %s is being filled with rows; look again "
                    "later",
                    job_name(job));
    return job_failed(c, job, "cannot read");
}

static int
prepare(struct cli *c, struct job *job, const char *sql, sqlite3_stmt **ret)
{
    int rc = sqlite3_prepare_v2(job->db, sql, -1, ret, NULL);

    return rc == SQLITE_OK ? CLI_OK : broken(c, job, rc);
}

int
job_read_id(struct cli *c, struct job *job)
{
    sqlite3_stmt *st = NULL;
    struct job_id *id = &job->id;
    int code = prepare(c, job,
                       "SELECT input, account, region, endpoint, version, rows,"
                       " pairs, sum FROM job",
                       &st),
        rc;

    if (code != CLI_OK)
        return code;
    rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        copy_at(st, 0, id->input, sizeof id->input);
        copy_at(st, 1, id->account, sizeof id->account);
        copy_at(st, 2, id->region, sizeof id->region);
        copy_at(st, 3, id->endpoint, sizeof id->endpoint);
        id->version.given = sqlite3_column_type(st, 4) != SQLITE_NULL;
        id->version.value = sqlite3_column_int64(st, 4);
        id->rows = sqlite3_column_int64(st, 5);
        id->pairs = sqlite3_column_int64(st, 6);
        job->loaded = sqlite3_column_int64(st, 7) == job_sum_id(id) &&
                      id->pairs >= 1 && id->rows >= id->pairs;
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    else if (!job->loaded)
        code = job_damaged(c, job, "its own row is not as it was written");
    (void)sqlite3_finalize(st);
    return code;
}

/* A row that was loaded was checked; one with a good checksum and another form
 * is of somebody else's making. */
static bool
is_row(const struct job_sum *sum)
{
    size_t count = text_count(sum->viewer_id, strlen(sum->viewer_id));
    ivs_arn arn;

    return count >= 1 && count <= IVS_VIEWER_ID_MAX &&
           ivs_arn_parse(sum->channel_arn, strlen(sum->channel_arn), &arn,
                         NULL) == IVS_OK &&
           arn.type == IVS_ARN_CHANNEL && sum->version >= 0 &&
           sum->version <= IVS_REVOKE_VERSION_MAX && sum->line >= 1 &&
           text_count(sum->code, strlen(sum->code)) != SIZE_MAX &&
           text_count(sum->message, strlen(sum->message)) != SIZE_MAX;
}

/* Why read_pair() said no. */
static int
no_pair(struct cli *c, struct job *job)
{
    if (sqlite3_errcode(job->db) == SQLITE_NOMEM)
        return job_failed(c, job, "cannot read");
    return job_damaged(c, job, "a pair is not as it was written");
}

/* A pair as it is stored; false: its checksum does not fit. */
static bool
read_pair(sqlite3_stmt *st, struct job_pair *ret, int *ret_state)
{
    const struct job_sum sum = {.id = sqlite3_column_int64(st, 0),
                                .channel_arn = text_at(st, 1),
                                .viewer_id = text_at(st, 2),
                                .has_version =
                                    sqlite3_column_type(st, 3) != SQLITE_NULL,
                                .version = sqlite3_column_int64(st, 3),
                                .line = sqlite3_column_int64(st, 4),
                                .state = sqlite3_column_int(st, 5),
                                .code = text_at(st, 6),
                                .message = text_at(st, 7)};

    *ret = (struct job_pair){.row = {.channel_arn = sum.channel_arn,
                                     .viewer_id = sum.viewer_id,
                                     .has_version = sum.has_version,
                                     .version = sum.version,
                                     .line = (size_t)sum.line},
                             .code = sum.code,
                             .message = sum.message};
    *ret_state = sum.state;
    return sqlite3_column_int64(st, 8) == job_sum_pair(&sum) &&
           sum.state >= IVS_REVOKE_NOT_DONE && sum.state <= IVS_REVOKE_FAILED &&
           is_row(&sum);
}

static void
count(struct job_totals *t, const struct job_pair *pair, int state)
{
    t->pairs++;
    t->unversioned += !pair->row.has_version;
    if (state == IVS_REVOKE_ACKNOWLEDGED)
        t->acknowledged++;
    else if (state == IVS_REVOKE_FAILED)
        t->failed++;
    else if (t->left++ == 0)
        t->first_left = (int64_t)pair->row.line;
}

int
job_check(struct cli *c, struct job *job, struct job_totals *ret)
{
    sqlite3_stmt *st = NULL;
    int code = prepare(c, job, PAIRS "ORDER BY p.id", &st), rc = SQLITE_DONE;

    *ret = (struct job_totals){0};
    while (code == CLI_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct job_pair pair;
        int state;

        /* Ids count from 1 without a gap. */
        if (!read_pair(st, &pair, &state) ||
            sqlite3_column_int64(st, 0) != ret->pairs + 1)
            code = no_pair(c, job);
        else
            count(ret, &pair, state);
    }
    if (code == CLI_OK && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    if (code == CLI_OK && ret->pairs != job->id.pairs)
        code = job_damaged(c, job, "pairs are missing");
    (void)sqlite3_finalize(st);
    return code;
}

bool
job_rate(struct job *job, int64_t *ret_when_s, double *ret_pairs_per_s)
{
    sqlite3_stmt *st = NULL;
    bool found =
        sqlite3_prepare_v2(job->db, "SELECT noted_s, pairs_per_s FROM run", -1,
                           &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW;

    if (found) {
        *ret_when_s = sqlite3_column_int64(st, 0);
        *ret_pairs_per_s = sqlite3_column_double(st, 1);
    }
    (void)sqlite3_finalize(st);
    return found;
}

static int
each(struct cli *c, struct job *job, sqlite3_stmt *st,
     int (*take)(void *user, const struct job_pair *pair), void *user)
{
    int code = CLI_OK, rc = SQLITE_DONE;

    while (code == CLI_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct job_pair pair;
        int state;

        if (!read_pair(st, &pair, &state))
            code = no_pair(c, job);
        else
            code = take(user, &pair);
    }
    if (code == CLI_OK && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    return code;
}

int
job_each_failed(struct cli *c, struct job *job,
                int (*pair)(void *user, const struct job_pair *pair),
                void *user)
{
    sqlite3_stmt *st = NULL;
    int code = prepare(c, job, PAIRS "WHERE p.state = 2 ORDER BY p.id", &st);

    if (code == CLI_OK)
        code = each(c, job, st, pair, user);
    (void)sqlite3_finalize(st);
    return code;
}

int
job_get(struct cli *c, struct job *job, int64_t id,
        int (*pair)(void *user, const struct job_pair *pair), void *user)
{
    sqlite3_stmt *st = job_statement(job, JOB_SQL_GET);
    int code;

    if (st == NULL)
        return job_failed(c, job, "cannot read");
    (void)sqlite3_bind_int64(st, 1, id);
    code = each(c, job, st, pair, user);
    (void)sqlite3_reset(st);
    return code;
}

json_t *
job_failure_codes(struct cli *c, struct job *job)
{
    sqlite3_stmt *st = NULL;
    json_t *codes = json_object();
    int code = prepare(c, job,
                       "SELECT code, count(*) FROM pair WHERE state = 2"
                       " GROUP BY code ORDER BY count(*) DESC, code LIMIT 1000",
                       &st),
        rc = SQLITE_DONE;

    while (code == CLI_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
        (void)json_object_set_new(codes, text_at(st, 0),
                                  json_integer(sqlite3_column_int64(st, 1)));
    if (code == CLI_OK && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    (void)sqlite3_finalize(st);
    if (code == CLI_OK && codes != NULL)
        return codes;
    json_decref(codes);
    return NULL;
}

int
job_has_formulas(struct cli *c, struct job *job, bool *ret)
{
    sqlite3_stmt *st = NULL;
    int code = prepare(c, job,
                       "SELECT 1 FROM pair WHERE state = 2 AND"
                       " (viewer GLOB '[=+@''-]*' OR"
                       " unicode(viewer) IN (9, 13)) LIMIT 1",
                       &st),
        rc;

    if (code != CLI_OK)
        return code;
    rc = sqlite3_step(st);
    *ret = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    (void)sqlite3_finalize(st);
    return code;
}

int
job_channel(struct cli *c, struct job *job, ivs_arn *ret)
{
    sqlite3_stmt *st = NULL;
    int code = prepare(c, job, PAIRS "WHERE p.id = 1", &st), rc;

    if (code != CLI_OK)
        return code;
    rc = sqlite3_step(st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        code = broken(c, job, rc);
    else if (rc == SQLITE_DONE ||
             ivs_arn_parse(text_at(st, 1), strlen(text_at(st, 1)), ret, NULL) !=
                 IVS_OK)
        code = job_damaged(c, job, "its first pair is missing");
    (void)sqlite3_finalize(st);
    return code;
}
