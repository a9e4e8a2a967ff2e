/* SPDX-License-Identifier: MIT */
/* doctor: why playback fails. */

#include <stdlib.h>

#include "doctor.h"

static int
examine(struct doctor *d)
{
    int code = doctor_gather(d);

    if (code != CLI_OK)
        return code;
    doctor_ask(d);
    if (signals_got() == 0 && (code = doctor_probe(d)) != CLI_OK)
        return code;
    if ((code = doctor_check_token(d)) != CLI_OK)
        return code;
    doctor_check_keys(d);
    doctor_check_url(d);
    doctor_check_region(d);
    doctor_check_service(d);
    doctor_check_clock(d);
    doctor_check_channel(d);
    doctor_check_policy(d);
    doctor_check_pairs(d);
    doctor_check_stream(d);
    doctor_check_probe(d);
    if (signals_got() != 0)
        return fail(d->c, CLI_SIGNAL + signals_got(), "interrupted");
    if (json_memory_failed())
        return fail(d->c, CLI_FAILED, "out of memory");
    return doctor_report(d);
}

static void
release(struct doctor *d)
{
    for (size_t i = 0; i < d->nkeys; i++)
        ivs_key_free(d->keys[i].key);
    free(d->keys);
    secret_free(&d->url);
    secret_free(&d->token);
    json_decref(d->inspected);
    ivs_claims_free(d->claims);
    json_decref(d->channel_doc);
    json_decref(d->stream);
    ivs_playback_keys_free(d->pairs);
    free(d->input);
    service_close(d->client);
}

int
doctor(struct cli *c, const void *values)
{
    const struct doctor_opts *opts = values;
    struct doctor *d;
    int code;

    if (opts->keys.n == 0 && opts->channel == NULL && opts->url == NULL &&
        opts->token == NULL)
        return usage(c, "nothing to look at: expected --key, --channel, "
                        "--playback-url or --token");
    d = calloc(1, sizeof *d);
    if (d == NULL)
        return fail(c, CLI_FAILED, "out of memory");
    d->c = c;
    d->opts = opts;
    d->now_s = value_now(&opts->now);
    code = examine(d);
    release(d);
    free(d);
    return code;
}
