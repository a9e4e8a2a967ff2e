/* SPDX-License-Identifier: MIT */
/* Option rows of the commands that call the service. */

#include <string.h>

#include "opts_service.h"

/* ---- key ---- */

const struct opt key_import_opts[] = {
    {"key", 'k', "FILE", "private or public key; - is stdin", set_file,
     offsetof(struct import_opts, key), OPT_REQUIRED},
    {"name", 'n', "NAME", "name of the key pair", set_text,
     offsetof(struct import_opts, name), OPT_REQUIRED},
    {"tag", 0, "K=V", "tag of the key pair", set_list,
     offsetof(struct import_opts, tags), OPT_LIST},
    {0},
};

const struct opt key_list_opts[] = {
    {"keys", 0, "DIR", "name the key files in it that match", set_file,
     offsetof(struct list_opts, keys), 0},
    {0},
};

const struct opt key_get_opts[] = {
    {NULL, 0, "ARN", "of the playback key pair", set_key_arn,
     offsetof(struct arn_opts, arn), OPT_REQUIRED},
    {0},
};

const struct opt key_delete_opts[] = {
    {NULL, 0, "ARN", "of the playback key pair", set_key_arn,
     offsetof(struct arn_opts, arn), OPT_REQUIRED},
    {0},
};

const struct opt key_match_opts[] = {
    {"key", 'k', "FILE", "private or public key; - is stdin", set_file,
     offsetof(struct match_opts, key), OPT_REQUIRED},
    {0},
};

#define ROTATE(member) offsetof(struct rotate_opts, member)

const struct opt key_rotate_opts[] = {
    {"old", 0, "ARN", "playback key pair to replace", set_key_arn, ROTATE(old),
     OPT_REQUIRED},
    {"old-key", 0, "FILE", "key of that pair, to be checked against it",
     set_file, ROTATE(old_key), 0},
    {"out", 'o', "FILE", "new file for the new private key", set_file,
     ROTATE(out), OPT_REQUIRED},
    {"name", 'n', "NAME", "name of the new key pair", set_text, ROTATE(name),
     OPT_REQUIRED},
    {"grace", 0, "DURATION", "time from the import to the deletion (10m)",
     set_duration, ROTATE(grace), 0},
    {"max-ttl", 0, "DURATION", "longest life of the old pair's tokens",
     set_duration, ROTATE(max_ttl), 0},
    {"keys", 0, "DIR", "name the key files in it where there is no room",
     set_file, ROTATE(keys), 0},
    {"dry-run", 0, NULL, "print the plan and do nothing", set_flag,
     ROTATE(dry_run), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, ROTATE(now),
     0},
    {0},
};

/* ---- revoke ---- */

#define VIEWER(member) offsetof(struct viewer_opts, member)

const struct opt revoke_viewer_opts[] = {
    {"channel", 'c', "ARN", "channel", set_channel, VIEWER(channel), 0},
    {"viewer-id", 0, "ID", "viewer, as in the tokens", set_text,
     VIEWER(viewer_id), 0},
    {"up-to-version", 0, "N", "highest session version to revoke, or now",
     set_up_to, VIEWER(up_to), 0},
    {"token", 0, "FILE", "take all three from this token; - is stdin", set_file,
     VIEWER(token), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, VIEWER(now),
     0},
    {0},
};

/* The words are in the order of ivs_revoke_lane. */
static int
set_lane(struct cli *c, const struct opt *o, const char *value, void *at)
{
    size_t i = 0;
    int code = value_choice(c, o, value, &i);

    if (code == CLI_OK)
        *(ivs_revoke_lane *)at = (ivs_revoke_lane)i;
    return code;
}

static int
set_rate(struct cli *c, const struct opt *o, const char *value, void *at)
{
    struct number *rate = at;

    if (!value_number(value, &rate->value) || rate->value < 1 ||
        rate->value > 50)
        return bad_value(c, o, value, "pairs a second, 1 to 50");
    rate->given = true;
    return CLI_OK;
}

static int
set_progress(struct cli *c, const struct opt *o, const char *value, void *at)
{
    size_t i = 0;
    int code = value_choice(c, o, value, &i);

    if (code == CLI_OK)
        *(const char **)at = value;
    return code;
}

#define BATCH(member) offsetof(struct batch_opts, member)

const struct opt revoke_batch_opts[] = {
    {"up-to-version", 0, "N", "version for rows without one, or now", set_up_to,
     BATCH(up_to), 0},
    {"job", 0, "FILE", "keeps what became of each pair; resumes", set_file,
     BATCH(job), 0},
    {"lane", 0, "batch|single|both", "which calls (batch)", set_lane,
     BATCH(lane), 0},
    {"rate", 0, "R", "pairs a second at most, in each region", set_rate,
     BATCH(rate), 0},
    {"region-from-arn", 0, NULL, "rows may be of several regions", set_flag,
     BATCH(any_region), 0},
    {"validate-only", 0, NULL, "check the rows and do nothing else", set_flag,
     BATCH(validate_only), 0},
    {"dry-run", 0, NULL, "say what is to be sent, and send nothing", set_flag,
     BATCH(dry_run), 0},
    {"progress", 0, "json", "an event a line on stderr", set_progress,
     BATCH(progress), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, BATCH(now),
     0},
    {NULL, 0, "FILE", "the rows; - is stdin", set_file, BATCH(file),
     OPT_REQUIRED},
    {0},
};

const struct opt revoke_status_opts[] = {
    {"job", 0, "FILE", "job file of revoke batch", set_file,
     offsetof(struct status_opts, job), OPT_REQUIRED},
    {"failed", 0, NULL, "print the failed rows, as input for another run",
     set_flag, offsetof(struct status_opts, failed), 0},
    {0},
};

/* ---- api ---- */

#define API(member) offsetof(struct api_opts, member)

const struct opt api_list_opts[] = {{0}};

const struct opt api_describe_opts[] = {
    {NULL, 0, "OPERATION", "its name, such as GetChannel", set_text,
     API(operation), OPT_REQUIRED},
    {0},
};

const struct opt api_call_opts[] = {
    {NULL, 0, "OPERATION", "its name, such as GetChannel", set_text,
     API(operation), OPT_REQUIRED},
    {NULL, 0, "JSON", "the input: JSON, @FILE, or - for stdin", set_text,
     API(input), 0},
    {"paginate", 0, NULL, "fetch every page and join them", set_flag,
     API(paginate), 0},
    {"no-validate", 0, NULL, "send the input as it is", set_flag,
     API(no_validate), 0},
    {"skeleton", 0, NULL, "print an input to fill in, and send nothing",
     set_flag, API(skeleton), 0},
    {0},
};

/* ---- doctor ---- */

static int
set_probe(struct cli *c, const struct opt *o, const char *value, void *at)
{
    size_t burn = 0;
    int code = value[0] != '\0' ? value_choice(c, o, value, &burn) : CLI_OK;

    if (code == CLI_OK)
        *(const char **)at = value;
    return code;
}

#define DOCTOR(member) offsetof(struct doctor_opts, member)

const struct opt doctor_opts[] = {
    {"key", 'k', "FILE", "private or public key; - is stdin", set_files,
     DOCTOR(keys), OPT_LIST},
    {"channel", 'c', "ARN", "channel", set_channel, DOCTOR(channel), 0},
    {"playback-url", 0, "URL", "for --channel and --token; - is stdin",
     set_text, DOCTOR(url), 0},
    {"token", 0, "FILE", "the token; - is stdin", set_file, DOCTOR(token), 0},
    {"origin", 0, "ORIGIN", "Origin header of the player; \"\" for none",
     set_text, DOCTOR(origin), 0},
    {"probe", 0, "burn", "fetch the playback URL; burn: single-use tokens, too",
     set_probe, DOCTOR(probe), OPT_MAYBE},
    {"now", 0, "TIME", "take this for the current time", set_time, DOCTOR(now),
     0},
    {0},
};

/* ---- completion ---- */

const struct opt completion_opts[] = {{0}};

/* ---- credentials ---- */

const struct opt credentials_opts[] = {{0}};
