/* SPDX-License-Identifier: MIT */
/* Public channels: everybody may watch whom the restriction policy allows. */

#include <string.h>
#include <strings.h>

#include "edge.h"
#include "edge_admit.h"
#include "edge_refuse.h"
#include "edge_session.h"

/* The name that CloudFront has for it. */
static const char country_header[] = "CloudFront-Viewer-Country";

bool
emu_edge_country(const emu_emulator *emu, const emu_request *req, char ret[3])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *country = emu_request_header(req, country_header, NULL);

    if (country == NULL)
        country = emu->viewer_country;
    if (country == NULL || strlen(country) != 2 ||
        strspn(country, letters) != 2)
        return false;
    ret[0] = (char)(country[0] & ~0x20);
    ret[1] = (char)(country[1] & ~0x20);
    ret[2] = '\0';
    return true;
}

/* An entry of a stored list. */
static const char *
text_of(const json_t *item)
{
    const char *text = json_string_value(item);

    return text == NULL ? "" : text;
}

/* Whom the service turns away, it tells as little as it can. */
static bool
refuse(const emu_request *req, const char *error, emu_response *res)
{
    emu_edge_refuse(req, res, 403, error, "playback_auth_error");
    return false;
}

/* Nobody is known to be in a country that is allowed unless it is known where
 * they are. */
static bool
check_country(const emu_emulator *emu, const emu_request *req,
              const json_t *countries, emu_response *res)
{
    const json_t *item;
    char country[3];
    size_t i;

    if (json_array_size(countries) == 0)
        return true;
    if (!emu_edge_country(emu, req, country)) {
        (void)refuse(req, "playback is refused", res);
        emu_response_reason(res, "country_unknown",
                            "the policy allows some countries and the viewer's "
                            "is unknown: send it as %s, or start with "
                            "--viewer-country",
                            country_header);
        return false;
    }
    json_array_foreach(countries, i, item)
    {
        if (strcasecmp(text_of(item), country) == 0)
            return true;
    }
    (void)refuse(req, "playback is refused", res);
    emu_response_reason(res, "country_mismatch",
                        "country %s is none of those of the policy", country);
    return false;
}

/* Comma-separated; an entry with a comma is malformed and covers nothing.
 * Whether every origin is allowed. */
static bool
join_origins(const json_t *origins, ivs_buf *ret)
{
    bool every = json_array_size(origins) == 0;
    const json_t *item;
    size_t i;

    ivs_buf_puts(ret, "");
    json_array_foreach(origins, i, item)
    {
        const char *entry = text_of(item);

        every |= strcmp(entry, "*") == 0;
        if (strchr(entry, ',') != NULL)
            continue;
        if (ret->len > 0)
            ivs_buf_putc(ret, ',');
        ivs_buf_puts(ret, entry);
    }
    return every;
}

/* As with the origins of a token. */
static bool
check_origin(const emu_request *req, const emu_admission *admission,
             emu_response *res)
{
    const char *origin = emu_edge_origin(req);

    if (origin == NULL && admission->strict) {
        (void)refuse(req, "origin required", res);
        emu_response_reason(res, "origin_missing",
                            "the policy enforces its origins and the request "
                            "names none");
        return false;
    }
    if (origin == NULL || admission->origins == NULL ||
        emu_edge_covers(admission->origins, origin))
        return true;
    (void)refuse(req, "playback is refused", res);
    emu_response_reason(res, "origin_mismatch",
                        "origin %.100s is none of those of the policy", origin);
    return false;
}

void
emu_edge_public(emu_emulator *emu, const emu_request *req,
                const emu_channel *channel, emu_response *res)
{
    const json_t *policy = channel->policy;
    emu_admission admission = {.strict = json_is_true(json_object_get(
                                   policy, "enableStrictOriginEnforcement"))};
    ivs_buf origins = IVS_BUF_INIT;

    if (!join_origins(json_object_get(policy, "allowedOrigins"), &origins))
        admission.origins = origins.data;
    if (origins.failed)
        emu_edge_fail(res, "out of memory");
    else if (check_country(emu, req,
                           json_object_get(policy, "allowedCountries"), res) &&
             check_origin(req, &admission, res))
        emu_edge_admit(emu, req, channel, &admission, res);
    ivs_buf_free(&origins);
}
