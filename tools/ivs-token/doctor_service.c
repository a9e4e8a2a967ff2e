/* SPDX-License-Identifier: MIT */
/* doctor: what the service says, and whether it says anything. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* The service's clock is not told to less than a second, nor at once. */
#define CLOCK_OFF_S 60

static void
note_answer(struct doctor *d, const ivs_error *err)
{
    if (err->code == IVS_OK || err->http_status == 404) {
        d->answered++;
        return;
    }
    if (d->refusal.code == IVS_OK)
        d->refusal = *err;
    if (err->code != IVS_E_SERVICE)
        d->down = true;
}

static json_t *
ask(struct doctor *d, const char *operation, const char *input, ivs_error *err)
{
    ivs_result *result = NULL;
    json_t *doc = NULL;

    if (ivs_client_call(d->client, operation, input, strlen(input), &result,
                        err) == IVS_OK)
        doc = json_loads(ivs_result_body(result, NULL), JSON_DECODE_INT_AS_REAL,
                         NULL);
    note_answer(d, err);
    ivs_result_free(result);
    return doc;
}

json_t *
doctor_call(struct doctor *d, const char *operation, const char *member,
            const char *arn, ivs_error *err)
{
    char input[IVS_ARN_MAX + 32];
    int n = snprintf(input, sizeof input, "{\"%s\":\"%s\"}", member, arn);
    ivs_arn parsed;

    if (d->down || d->client == NULL || n < 0 || (size_t)n >= sizeof input ||
        ivs_arn_parse(arn, strlen(arn), &parsed, err) != IVS_OK)
        return NULL;
    return ask(d, operation, input, err);
}

/* The account of the credentials, as an ARN of theirs tells. */
static void
find_account(struct doctor *d)
{
    json_t *doc = NULL;
    const char *text = "";
    ivs_error err = {0};
    ivs_arn arn;

    if (d->pairs != NULL && ivs_playback_keys_count(d->pairs) > 0) {
        text = ivs_playback_key_arn(ivs_playback_keys_at(d->pairs, 0));
    } else if (!d->down) {
        doc = ask(d, "ListChannels", "{\"maxResults\":1}", &err);
        text = doctor_text(json_array_get(json_object_get(doc, "channels"), 0),
                           "arn");
    }
    if (ivs_arn_parse(text, strlen(text), &arn, NULL) == IVS_OK)
        (void)snprintf(d->account, sizeof d->account, "%s", arn.account);
    json_decref(doc);
}

void
doctor_ask(struct doctor *d)
{
    const char *region = d->channel_from != NULL ? d->arn.region : NULL;
    ivs_error err = {0};

    d->region = region != NULL ? region : d->c->g.region;
    if (service_open_at(d->c, region, NULL, &d->client, &err) != IVS_OK) {
        d->refusal = err;
        d->down = true;
        return;
    }
    d->region = ivs_client_region(d->client);
    (void)!ivs_playback_keys_list(d->client, true, &d->pairs, &d->pairs_error);
    note_answer(d, &d->pairs_error);
    if (d->channel_from != NULL) {
        d->channel_doc =
            doctor_call(d, "GetChannel", "arn", d->channel, &d->channel_error);
        if (d->channel_error.http_status == 403)
            find_account(d);
        else if (d->channel_error.http_status != 404)
            d->stream = doctor_call(d, "GetStream", "channelArn", d->channel,
                                    &d->stream_error);
    }
    d->clock_known = ivs_client_clock_offset(d->client, &d->clock_offset_s);
    if (d->clock_known && !d->opts->now.given)
        d->now_s = value_now(&d->opts->now) + d->clock_offset_s;
}

void
doctor_check_service(struct doctor *d)
{
    if (d->answered > 0) {
        doctor_ok(d, CHECK_SERVICE, "%s, credentials: %s",
                  ivs_client_endpoint(d->client),
                  ivs_client_credentials_source(d->client));
        return;
    }
    switch (service_exit_code(&d->refusal)) {
    case CLI_CONFIG:
        doctor_found(d, "no_credentials", "%s", d->refusal.message);
        break;
    case CLI_REFUSED:
        doctor_found(d, "service_refuses", "%s", d->refusal.message);
        break;
    case CLI_NETWORK:
        doctor_found(d, "no_network", "%s", d->refusal.message);
        break;
    default:
        doctor_found(d, "service_failed", "%s", d->refusal.message);
        break;
    }
}

void
doctor_check_clock(struct doctor *d)
{
    if (!d->clock_known)
        doctor_skip(d, CHECK_CLOCK, "the service did not tell its time");
    else if (llabs(d->clock_offset_s) >= CLOCK_OFF_S)
        doctor_found(d, "clock_off",
                     "this clock is %" PRId64 " s %s the service's: tokens "
                     "minted here end too %s",
                     (int64_t)llabs(d->clock_offset_s),
                     d->clock_offset_s > 0 ? "behind" : "ahead of",
                     d->clock_offset_s > 0 ? "early" : "late");
    else
        doctor_ok(d, CHECK_CLOCK, "%" PRId64 " s off the service's",
                  d->clock_offset_s);
}
