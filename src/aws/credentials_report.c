/* SPDX-License-Identifier: MIT */
/* What the chain found, told without a secret. */

#include <string.h>

#include "aws/credentials.h"
#include "aws/credentials_chain.h"
#include "aws/credentials_provider.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

/* What the search found out. */
struct report {
    ivs_chain_trace trace;
    ivs_credentials *credentials;
    ivs_credentials_keys keys;
    int64_t expires_s;
    bool found;
    ivs_error why; /* where not found */
};

static void
put(ivs_buf *b, const char *name, const char *text)
{
    ivs_buf_printf(b, "\"%s\": ", name);
    if (text == NULL)
        ivs_buf_puts(b, "null");
    else
        ivs_json_quote(b, text, strlen(text));
}

static const char *
state_name(ivs_chain_state state)
{
    switch (state) {
    case IVS_CHAIN_USED:
        return "used";
    case IVS_CHAIN_NOT_CONFIGURED:
        return "not_configured";
    case IVS_CHAIN_SKIPPED:
        return "skipped";
    case IVS_CHAIN_FAILED:
        return "failed";
    case IVS_CHAIN_NOT_REACHED:
        break;
    }
    return "not_reached";
}

static void
put_chain(ivs_buf *b, const ivs_chain_trace *trace)
{
    ivs_buf_puts(b, "\"chain\": [");
    for (size_t i = 0; i < IVS_CHAIN_SOURCES; i++) {
        ivs_error clean = {0};

        /* Names of files may be anything; this makes them printable. */
        (void)ivs_fail(
            &clean, IVS_OK, "%s",
            trace->steps[i].reason.len > 0 ? trace->steps[i].reason.data : "");
        ivs_buf_puts(b, i > 0 ? ", {" : "{");
        put(b, "source", trace->steps[i].source);
        ivs_buf_puts(b, ", ");
        put(b, "state", state_name(trace->steps[i].state));
        ivs_buf_puts(b, ", ");
        put(b, "reason", clean.message[0] != '\0' ? clean.message : NULL);
        ivs_buf_putc(b, '}');
        if (trace->steps[i].reason.failed)
            b->failed = true;
    }
    ivs_buf_puts(b, "]");
}

static void
put_report(ivs_buf *b, const struct report *r)
{
    bool expires = r->found && r->expires_s != IVS_NEVER;
    char time[IVS_TIME_SIZE] = "";
    ivs_error clean = {0};

    if (r->credentials != NULL)
        (void)ivs_fail(&clean, IVS_OK, "%s",
                       ivs_credentials_source(r->credentials));
    if (expires)
        ivs_time_format(r->expires_s, time);
    ivs_buf_printf(b, "{\"found\": %s, ", r->found ? "true" : "false");
    put(b, "source", r->credentials != NULL ? clean.message : NULL);
    ivs_buf_puts(b, ", ");
    put(b, "accessKeyId", r->found ? r->keys.access_key_id.data : NULL);
    ivs_buf_printf(b, ", \"sessionToken\": %s, ",
                   !r->found                       ? "null"
                   : r->keys.session_token.len > 0 ? "true"
                                                   : "false");
    put(b, "expiration", expires ? time : NULL);
    ivs_buf_puts(b, ", ");
    put(b, "error", r->found ? NULL : r->why.message);
    ivs_buf_puts(b, ", ");
    put_chain(b, &r->trace);
    ivs_buf_puts(b, "}");
}

/* The source was picked by its configuration; now it has to give keys. */
static void
mark_failed(struct report *r)
{
    for (size_t i = 0; i < IVS_CHAIN_SOURCES; i++)
        if (r->trace.steps[i].state == IVS_CHAIN_USED) {
            r->trace.steps[i].state = IVS_CHAIN_FAILED;
            ivs_buf_puts(&r->trace.steps[i].reason, r->why.message);
        }
}

static ivs_status
explore(ivs_credentials_setup *setup, struct report *r)
{
    ivs_status s;

    setup->trace = &r->trace;
    s = ivs_credentials_find(setup, &r->credentials, &r->why);
    if (s != IVS_OK)
        return s;
    s = ivs_credentials_get(r->credentials, NULL, &r->keys, &r->why);
    if (s != IVS_OK) {
        mark_failed(r);
        return s;
    }
    r->found = true;
    r->expires_s = ivs_credentials_expiry(r->credentials);
    return s;
}

ivs_status
ivs_credentials_explain(const ivs_credentials_options *opt, char **ret,
                        size_t *ret_len, ivs_error *err)
{
    struct report r = {.found = false};
    ivs_buf text = IVS_BUF_INIT;
    ivs_credentials_setup setup;
    ivs_status s;
    size_t len;
    char *made = NULL;

    if (ret == NULL)
        return ivs_fail(err, IVS_E_ARG, "ret is NULL");
    if ((s = ivs_credentials_read_options(opt, &setup, err)) != IVS_OK)
        return s;
    ivs_chain_trace_init(&r.trace);
    if (explore(&setup, &r) != IVS_E_NOMEM) {
        put_report(&text, &r);
        made = ivs_buf_steal(&text, &len);
    }
    ivs_credentials_keys_free(&r.keys);
    ivs_credentials_free(r.credentials);
    ivs_chain_trace_free(&r.trace);
    ivs_buf_free(&text);
    if (made == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a report");
    *ret = made;
    if (ret_len != NULL)
        *ret_len = len;
    return IVS_OK;
}
