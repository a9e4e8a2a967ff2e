/* SPDX-License-Identifier: MIT */
/* Which keys a role is taken on with: chains of source_profile, and
 * credential_source. */

#include <string.h>

#include "aws/credentials_provider.h"
#include "base/error.h"

/* The profiles on the way here. */
struct visit {
    const char *name;
    const struct visit *from; /* NULL: the first */
};

static ivs_status role(const ivs_source_place *at, const struct visit *here,
                       ivs_provider **ret, ivs_error *err);

static bool
visited(const struct visit *v, const char *name)
{
    for (; v != NULL; v = v->from)
        if (strcmp(v->name, name) == 0)
            return true;
    return false;
}

/* "a -> b -> c" */
static void
print_way(const struct visit *v, ivs_buf *ret)
{
    if (v->from != NULL) {
        print_way(v->from, ret);
        ivs_buf_puts(ret, " -> ");
    }
    ivs_buf_printf(ret, "%.40s", v->name);
}

static ivs_status
fail_loop(const struct visit *here, const char *name, ivs_error *err)
{
    ivs_buf way = IVS_BUF_INIT;
    ivs_status s;

    print_way(here, &way);
    s = ivs_fail(err, IVS_E_CREDENTIALS,
                 "source_profile leads in a loop: %.160s -> %.40s",
                 way.failed ? "" : way.data, name);
    ivs_buf_free(&way);
    return s;
}

/* What a profile gives when it is the source of another: static keys before
 * all else. */
static ivs_status
source(const ivs_source_place *at, const struct visit *here, ivs_provider **ret,
       ivs_error *err)
{
    static ivs_source_maker *const others[] = {ivs_source_web_identity,
                                               ivs_source_sso, ivs_source_login,
                                               ivs_source_process};
    ivs_status s = ivs_source_keys(at, ret, err);

    if (s == IVS_OK && *ret == NULL)
        s = role(at, here, ret, err);
    for (size_t i = 0;
         s == IVS_OK && *ret == NULL && i < sizeof others / sizeof *others; i++)
        s = others[i](at, ret, err);
    if (s == IVS_OK && *ret == NULL)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "profile %.64s, the source_profile of %.64s, has no "
                     "credentials",
                     here->name, here->from->name);
    return s;
}

static ivs_status
from_profile(const ivs_source_place *at, const struct visit *here,
             const ivs_ini_property *name, ivs_provider **ret, ivs_error *err)
{
    const struct visit next = {name->value.data, here};
    ivs_profile view = *at->profile;
    ivs_source_place place = *at;
    ivs_status s;

    view.name = name->value.data;
    place.profile = &view;
    if (!ivs_ini_has(&view.ini, IVS_INI_PROFILE, view.name))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s names source_profile %.64s, which is "
                        "not in the shared files",
                        here->name, view.name);
    if (!visited(here, view.name))
        return source(&place, &next, ret, err);
    /* A profile may name itself: its role with its keys. */
    if (strcmp(here->name, view.name) == 0) {
        s = ivs_source_keys(&place, ret, err);
        if (s != IVS_OK || *ret != NULL)
            return s;
    }
    return fail_loop(here, view.name, err);
}

static ivs_status
from_named_source(const ivs_source_place *at, const char *name,
                  ivs_provider **ret, ivs_error *err)
{
    static const struct {
        const char *name;
        ivs_source_maker *make;
    } rows[] = {{"Environment", ivs_source_environment},
                {"Ec2InstanceMetadata", ivs_source_instance},
                {"EcsContainer", ivs_source_container}};
    size_t i = 0;
    ivs_status s;

    while (i < 3 && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == 3)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has credential_source \"%.40s\", "
                        "expected Environment, Ec2InstanceMetadata or "
                        "EcsContainer",
                        at->profile->name, name);
    at->why->len = 0;
    s = rows[i].make(at, ret, err);
    if (s == IVS_OK && *ret == NULL)
        s = ivs_fail(err, IVS_E_CREDENTIALS,
                     "profile %.64s has credential_source %s, but %.100s",
                     at->profile->name, name,
                     at->why->failed ? "it is not there" : at->why->data);
    return s;
}

static ivs_status
role(const ivs_source_place *at, const struct visit *here, ivs_provider **ret,
     ivs_error *err)
{
    const char *arn = ivs_source_value(at, "role_arn");
    const char *named = ivs_source_value(at, "credential_source");
    const ivs_ini_property *profile =
        ivs_profile_get(at->profile, "source_profile");
    ivs_provider *found = NULL;
    ivs_status s;

    if (profile != NULL && profile->value.len == 0)
        profile = NULL;
    if ((arn == NULL && named == NULL && profile == NULL) ||
        (arn != NULL &&
         ivs_source_value(at, "web_identity_token_file") != NULL)) {
        ivs_buf_printf(at->why,
                       "profile %s has no role_arn with source_profile "
                       "or credential_source",
                       here->name);
        return IVS_OK;
    }
    if (arn == NULL)
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has %s and no role_arn, expected both",
                        here->name,
                        named != NULL ? "credential_source" : "source_profile");
    if ((named == NULL) == (profile == NULL))
        return ivs_fail(err, IVS_E_CREDENTIALS,
                        "profile %.64s has role_arn with %s, expected "
                        "source_profile or credential_source",
                        here->name,
                        named != NULL ? "both source_profile and "
                                        "credential_source"
                                      : "neither source");
    s = named != NULL ? from_named_source(at, named, &found, err)
                      : from_profile(at, here, profile, &found, err);
    return s == IVS_OK ? ivs_source_assume(at, found, ret, err) : s;
}

ivs_status
ivs_source_role(const ivs_source_place *at, ivs_provider **ret, ivs_error *err)
{
    const struct visit first = {at->profile->name, NULL};

    return role(at, &first, ret, err);
}
