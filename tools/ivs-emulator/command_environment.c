/* SPDX-License-Identifier: MIT */
/* The environment of a command: ours, but for what would lead an AWS client
 * elsewhere. */

#define _GNU_SOURCE /* environ */

#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define OWN_MAX 16
#define REGION  "us-west-2"

/* Other ways to credentials; those that a session token goes with are not
 * ours. */
static const char *const dropped[] = {"AWS_PROFILE",
                                      "AWS_DEFAULT_PROFILE",
                                      "AWS_SESSION_TOKEN",
                                      "AWS_SECURITY_TOKEN",
                                      "AWS_ACCESS_KEY",
                                      "AWS_SECRET_KEY",
                                      "AWS_CREDENTIAL_EXPIRATION"};

struct environment {
    char **entries;
    size_t n;
    bool failed;
};

/* Takes the entry over; NULL for out of memory. */
static void
add(struct environment *e, char *entry)
{
    if (entry == NULL)
        e->failed = true;
    else
        e->entries[e->n++] = entry;
}

static void
set(struct environment *e, const char *name, const char *value)
{
    ivs_buf text = IVS_BUF_SECRET;

    ivs_buf_printf(&text, "%s=%s", name, value);
    add(e, ivs_buf_steal(&text, NULL));
}

/* The first variable that says something; NULL: none. */
static const char *
first(const char *name, const char *other)
{
    const char *value = getenv(name);

    if (value == NULL || *value == '\0')
        value = getenv(other);
    return value == NULL || *value == '\0' ? NULL : value;
}

static void
set_region(struct environment *e, const char *name, const char *other)
{
    const char *region = first(name, other);

    set(e, name, region == NULL ? REGION : region);
}

/* No proxy stands between the command and a server on this machine. */
static void
set_no_proxy(struct environment *e, const char *name, const char *other,
             const char *host)
{
    const char *hosts = first(name, other);
    ivs_buf text = IVS_BUF_INIT;

    if (hosts != NULL && strcmp(hosts, "*") == 0)
        return;
    if (hosts != NULL)
        ivs_buf_printf(&text, "%s,", hosts);
    host += *host == '[';
    ivs_buf_append(&text, host, strcspn(host, "]"));
    if (text.failed)
        e->failed = true;
    else
        set(e, name, text.data);
    ivs_buf_free(&text);
}

static void
set_all(struct environment *e, const emu_command *command)
{
    set(e, "AWS_ENDPOINT_URL_IVS", command->url);
    set(e, "AWS_ACCESS_KEY_ID", command->access_key_id);
    set(e, "AWS_SECRET_ACCESS_KEY", command->secret_access_key);
    set_region(e, "AWS_REGION", "AWS_DEFAULT_REGION");
    set_region(e, "AWS_DEFAULT_REGION", "AWS_REGION");
    /* A configuration file may say otherwise. */
    set(e, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false");
    set(e, "AWS_USE_FIPS_ENDPOINT", "false");
    set(e, "AWS_USE_DUALSTACK_ENDPOINT", "false");
    if (command->ca_file != NULL) {
        set(e, "AWS_CA_BUNDLE", command->ca_file);
        set(e, "NODE_EXTRA_CA_CERTS", command->ca_file);
    }
    set_no_proxy(e, "no_proxy", "NO_PROXY", command->host);
    set_no_proxy(e, "NO_PROXY", "no_proxy", command->host);
}

static bool
names(const char *entry, const char *name, size_t len)
{
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Is it one of ours, or dropped? */
static bool
is_replaced(const struct environment *e, size_t own, const char *entry)
{
    for (size_t i = 0; i < own; i++)
        if (names(entry, e->entries[i], strcspn(e->entries[i], "=")))
            return true;
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (names(entry, dropped[i], strlen(dropped[i])))
            return true;
    return false;
}

char **
emu_command_environment(const emu_command *command)
{
    struct environment e = {0};
    size_t inherited = 0, own;

    while (environ != NULL && environ[inherited] != NULL)
        inherited++;
    e.entries = calloc(OWN_MAX + inherited + 1, sizeof *e.entries);
    if (e.entries == NULL)
        return NULL;
    set_all(&e, command);
    own = e.n;
    for (size_t i = 0; i < inherited && !e.failed; i++)
        if (!is_replaced(&e, own, environ[i]))
            add(&e, strdup(environ[i]));
    if (!e.failed)
        return e.entries;
    emu_command_environment_free(e.entries);
    return NULL;
}

void
emu_command_environment_free(char **environment)
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        ivs_wipe(environment[i], strlen(environment[i]));
        free(environment[i]);
    }
    free(environment);
}
