/* SPDX-License-Identifier: MIT */
/* Option rows of the commands that call the service. */

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

const struct opt key_list_opts[] = {{0}};

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

/* ---- revoke ---- */

#define VIEWER(member) offsetof(struct viewer_opts, member)

const struct opt revoke_viewer_opts[] = {
    {"channel", 'c', "ARN", "channel", set_channel, VIEWER(channel), 0},
    {"viewer-id", 0, "ID", "viewer, as in the tokens", set_text,
     VIEWER(viewer_id), 0},
    {"up-to-version", 0, "N", "highest session version to revoke, or now",
     set_version, VIEWER(up_to), 0},
    {"token", 0, "FILE", "take all three from this token; - is stdin", set_file,
     VIEWER(token), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, VIEWER(now),
     0},
    {0},
};

#define BATCH(member) offsetof(struct batch_opts, member)

const struct opt revoke_batch_opts[] = {
    {"up-to-version", 0, "N", "version for rows without one, or now",
     set_version, BATCH(up_to), 0},
    {"dry-run", 0, NULL, "check the rows and send nothing", set_flag,
     BATCH(dry_run), 0},
    {"now", 0, "TIME", "take this for the current time", set_time, BATCH(now),
     0},
    {NULL, 0, "FILE", "the rows; - is stdin", set_file, BATCH(file),
     OPT_REQUIRED},
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

/* ---- completion ---- */

const struct opt completion_opts[] = {{0}};

/* ---- credentials ---- */

const struct opt credentials_opts[] = {{0}};
