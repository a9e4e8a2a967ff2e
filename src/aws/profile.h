/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_PROFILE_H
#define IVS_AWS_PROFILE_H

/*
 * One profile of the shared files: where the files are, which profile is meant,
 * what it says. Source: AWS SDKs and Tools Reference Guide, "Shared config and
 * credentials files".
 */

#include <stdbool.h>

#include <ivs/error.h>

#include "aws/ini.h"

/* The environment, replaceable in tests. get NULL: that of the process. */
typedef struct ivs_environment {
    const char *(*get)(const char *name, void *user);
    void *user;
} ivs_environment;

/* NULL for a variable that is not set or empty. */
const char *ivs_environment_get(const ivs_environment *env, const char *name);

/* All members may be zero. Text is borrowed for the call. */
typedef struct ivs_profile_options {
    const char *profile;          /* NULL: AWS_PROFILE, "default" */
    const char *config_file;      /* NULL: AWS_CONFIG_FILE, ~/.aws/config */
    const char *credentials_file; /* NULL: AWS_SHARED_CREDENTIALS_FILE,
                                     ~/.aws/credentials */
    ivs_environment env;
} ivs_profile_options;

typedef struct ivs_profile {
    char *name;
    bool named;             /* by option or AWS_PROFILE */
    char *config_file;      /* as looked for; without HOME it begins with ~/ */
    char *credentials_file; /* the same */
    ivs_ini ini;            /* both files */
} ivs_profile;

/* Find out name, config_file and credentials_file of a zeroed profile; nothing
 * is read. IVS_E_NOMEM; ret still is to be released then. */
ivs_status ivs_profile_locate(const ivs_profile_options *opt, ivs_profile *ret,
                              ivs_error *err);
/*
 * Read both files; one that is missing is an empty one. IVS_E_CREDENTIALS: a
 * syntax error ("FILE:LINE: ..."), or a profile asked for by name (AWS_PROFILE
 * included) that is in neither, the message listing those that are; IVS_E_IO;
 * IVS_E_NOMEM. ret is untouched then, else release it with ivs_profile_free().
 */
ivs_status ivs_profile_load(const ivs_profile_options *opt, ivs_profile *ret,
                            ivs_error *err);
/* A property of the profile, or NULL. The value may be secret. */
const ivs_ini_property *ivs_profile_get(const ivs_profile *profile,
                                        const char *key);
/* The name of the file a property is in. */
const char *ivs_profile_file(const ivs_profile *profile,
                             const ivs_ini_property *property);
/* Why no file could be read, as the end of a sentence; "" where one could. */
const char *ivs_profile_unread(const ivs_profile *profile);
/* A profile that was zeroed is fine. */
void ivs_profile_free(ivs_profile *profile);

#endif
