/* SPDX-License-Identifier: MIT */
#ifndef IVS_AWS_INI_H
#define IVS_AWS_INI_H

/*
 * The text of ~/.aws/config and ~/.aws/credentials. Lines:
 *
 *   [profile NAME] [default] [sso-session NAME] [services NAME]   config
 *   [NAME]                                                        credentials
 *   key = value
 *   key =                     a block follows: the value is "\n" and its lines
 *     name = value
 *   # comment   ; comment     also behind white space at the end of a line
 *
 * Other sections, and keys with odd characters, are skipped. Any value may be
 * a secret: all of it is wiped on release, and no message quotes a line.
 */

#include <stdbool.h>
#include <stddef.h>

#include <ivs/error.h>

#include "base/buf.h"

typedef enum ivs_ini_file { IVS_INI_CONFIG, IVS_INI_CREDENTIALS } ivs_ini_file;

typedef enum ivs_ini_type {
    IVS_INI_PROFILE,
    IVS_INI_SSO_SESSION,
    IVS_INI_SERVICES
} ivs_ini_type;

typedef struct ivs_ini_property {
    char *key;     /* lower case */
    ivs_buf value; /* secret, NUL-terminated */
    ivs_ini_file file;
} ivs_ini_property;

/* As it stands in a file: the same name may come again. */
typedef struct ivs_ini_section {
    ivs_ini_type type;
    char *name;
    ivs_ini_file file;
    bool bare_default; /* [default] of the config file */
    ivs_ini_property *properties;
    size_t nproperties, cap;
} ivs_ini_section;

typedef struct ivs_ini {
    ivs_ini_section *sections; /* in the order they were read */
    size_t nsections, cap;
} ivs_ini;

/*
 * Add the sections of one file to ini (zeroed at first). What is read later
 * wins, so the config file comes first; within it [profile default] makes
 * [default] void. IVS_E_CREDENTIALS "NAME:LINE: ..." or IVS_E_NOMEM; ini then
 * still is to be released.
 */
ivs_status ivs_ini_parse(ivs_ini *ini, const char *text, size_t len,
                         ivs_ini_file file, const char *name, ivs_error *err);
/* The property that wins, or NULL. */
const ivs_ini_property *ivs_ini_get(const ivs_ini *ini, ivs_ini_type type,
                                    const char *section, const char *key);
bool ivs_ini_has(const ivs_ini *ini, ivs_ini_type type, const char *section);
/* The value of a name in the block that is a property's value, appended to ret.
 * False: the block has none. */
bool ivs_ini_block_get(const ivs_ini_property *block, const char *name,
                       ivs_buf *ret);
void ivs_ini_free(ivs_ini *ini);

#endif
