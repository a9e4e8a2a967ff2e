/* SPDX-License-Identifier: MIT */
/* A caller of the revocation engine. */

#include "support/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static ivs_status
pull(const char *const *busy, size_t nbusy, ivs_revoke_row *ret, size_t cap,
     size_t *ret_n, void *user, ivs_error *err)
{
    ledger *l = user;
    size_t n = 0;

    (void)busy;
    (void)nbusy;
    if (++l->pulls == l->fail_pull)
        return ivs_fail(err, IVS_E_IO, "scripted failure of a pull");
    for (; n < cap && l->next < l->rows; l->next++) {
        if (l->skip_acknowledged && l->state[l->next] != IVS_REVOKE_NOT_DONE)
            continue;
        (void)snprintf(l->names[n], sizeof l->names[n], "v%zu", l->next);
        ret[n] = (ivs_revoke_row){
            .id = (int64_t)l->next,
            .pair = {.channel_arn = LEDGER_CHANNEL, .viewer_id = l->names[n]}};
        if (l->row != NULL)
            l->row(l->next, &ret[n].pair);
        n++;
    }
    *ret_n = n;
    return IVS_OK;
}

static ivs_status
settle(const ivs_revoke_settled *settled, size_t n, void *user, ivs_error *err)
{
    ledger *l = user;

    if (++l->settles == l->fail_settle)
        return ivs_fail(err, IVS_E_IO, "scripted failure of a settle");
    for (size_t i = 0; i < n; i++) {
        size_t id = (size_t)settled[i].id;

        l->settled[id]++;
        l->state[id] = settled[i].outcome.state;
        memcpy(l->code[id], settled[i].outcome.code, sizeof l->code[id]);
        memcpy(l->message[id], settled[i].outcome.message,
               sizeof l->message[id]);
    }
    return IVS_OK;
}

static bool
cancelled(void *user)
{
    ledger *l = user;

    return l->cancelled ||
           (l->cancel_ms != 0 && l->clock->now_ms >= l->cancel_ms);
}

static void
progress(const ivs_revoke_progress *p, void *user)
{
    ledger *l = user;

    l->told++;
    l->last = *p;
}

void
ledger_options(ledger *l, ivs_revoke_options *ret)
{
    ivs_revoke_options_init(ret, sizeof *ret);
    ret->pull = pull;
    ret->settle = settle;
    ret->cancelled = cancelled;
    ret->progress = progress;
    ret->user = l;
    ret->total = l->rows;
}

void
ledger_rerun(ledger *l)
{
    memset(l->settled, 0, sizeof l->settled);
    l->next = l->pulls = l->settles = l->fail_settle = l->fail_pull = 0;
    l->cancelled = false;
    l->cancel_ms = 0;
    l->skip_acknowledged = true;
}

size_t
ledger_count(const ledger *l, ivs_revoke_state state)
{
    size_t n = 0;

    for (size_t i = 0; i < l->rows; i++)
        n += l->state[i] == state;
    return n;
}

size_t
ledger_id(const char *viewer_id)
{
    return (size_t)strtoul(viewer_id + 1, NULL, 10);
}
