/* SPDX-License-Identifier: MIT */
/* Pairs that wait, and the next step of the revocation engine. */

#include "service/revoke_core.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

enum { BATCH, SINGLE, LANES };

/* Calls a second, in thousandths, for a lane that gets `part` of `of` pairs. */
static int64_t
calls_milli(int64_t pairs_per_s, int64_t part, int64_t of, int64_t pairs)
{
    return pairs_per_s * 1000 * part / of / pairs;
}

static void
set_quotas(ivs_revoke_core *core, ivs_revoke_lane lane, int64_t pairs_per_s)
{
    const int64_t batch =
        (int64_t)IVS_REVOKE_BATCH_PER_S * IVS_REVOKE_BATCH_MAX;
    const int64_t single = IVS_REVOKE_SINGLE_PER_S;
    int64_t most = (lane != IVS_REVOKE_LANE_SINGLE ? batch : 0) +
                   (lane != IVS_REVOKE_LANE_BATCH ? single : 0);

    if (pairs_per_s == 0 || pairs_per_s > most)
        pairs_per_s = most;
    if (lane != IVS_REVOKE_LANE_SINGLE)
        core->batch_milli =
            calls_milli(pairs_per_s, batch, most, IVS_REVOKE_BATCH_MAX);
    if (lane != IVS_REVOKE_LANE_BATCH)
        core->single_milli = calls_milli(pairs_per_s, single, most, 1);
}

ivs_status
ivs_revoke_core_new(ivs_revoke_lane lane, int64_t pairs_per_s,
                    ivs_revoke_core **ret, ivs_error *err)
{
    ivs_revoke_core *core = calloc(1, sizeof *core);

    if (core == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a revocation");
    set_quotas(core, lane, pairs_per_s);
    *ret = core;
    return IVS_OK;
}

void
ivs_revoke_core_free(ivs_revoke_core *core)
{
    if (core == NULL)
        return;
    for (size_t i = 0; i < core->nregions; i++) {
        free(core->regions[i].slots);
        free(core->regions[i].requests);
    }
    free(core);
}

/* ---- regions and pairs ---- */

size_t
ivs_revoke_core_region(const ivs_revoke_core *core, const char *name)
{
    for (size_t i = 0; i < core->nregions; i++)
        if (strcmp(core->regions[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static bool
make_room(ivs_revoke_region *r)
{
    r->slots = calloc(IVS_REVOKE_SLOTS, sizeof *r->slots);
    r->requests = calloc(IVS_REVOKE_FLIGHT, sizeof *r->requests);
    if (r->slots == NULL || r->requests == NULL) {
        free(r->slots);
        free(r->requests);
        return false;
    }
    for (size_t i = 0; i < IVS_REVOKE_SLOTS; i++)
        ivs_revoke_release(r, &r->slots[i]);
    return true;
}

ivs_status
ivs_revoke_core_add_region(ivs_revoke_core *core, const char *name,
                           ivs_client *client, int64_t now_ms, ivs_error *err)
{
    ivs_revoke_region *r = &core->regions[core->nregions];

    if (core->nregions == IVS_REVOKE_REGIONS)
        return ivs_fail(err, IVS_E_ARG, "found more than %d regions",
                        IVS_REVOKE_REGIONS);
    *r = (ivs_revoke_region){.client = client};
    if (!make_room(r))
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a revocation");
    ivs_revoke_copy(r->name, sizeof r->name, name);
    ivs_revoke_pace_init(&r->lanes[BATCH], core->batch_milli,
                         core->batch_milli > 0 ? IVS_REVOKE_BATCH_FLIGHT : 0,
                         now_ms);
    ivs_revoke_pace_init(&r->lanes[SINGLE], core->single_milli,
                         core->single_milli > 0 ? IVS_REVOKE_SINGLE_FLIGHT : 0,
                         now_ms);
    core->nregions++;
    return IVS_OK;
}

void
ivs_revoke_copy(char *dst, size_t cap, const char *text)
{
    size_t len = strlen(text);

    if (len >= cap) {
        len = cap - 1;
        while (!ivs_utf8_valid(text, len, NULL))
            len--;
    }
    memcpy(dst, text, len);
    dst[len] = '\0';
}

void
ivs_revoke_release(ivs_revoke_region *region, ivs_revoke_slot *slot)
{
    slot->next = region->free;
    region->free = slot;
}

void
ivs_revoke_put_back(ivs_revoke_core *core, ivs_revoke_slot *slot, bool first)
{
    ivs_revoke_region *r = &core->regions[slot->region];

    slot->next = first ? r->first : NULL;
    if (r->first == NULL || !first) {
        if (r->first == NULL)
            r->first = slot;
        else
            r->last->next = slot;
        r->last = slot;
    } else {
        r->first = slot;
    }
    r->queued++;
}

bool
ivs_revoke_core_add(ivs_revoke_core *core, int64_t id,
                    const ivs_revocation *pair, size_t region, int64_t now_ms)
{
    ivs_revoke_slot *slot = core->regions[region].free;

    if (slot == NULL)
        return false;
    core->regions[region].free = slot->next;
    *slot = (ivs_revoke_slot){
        .id = id, .pair = *pair, .region = region, .due_ms = now_ms};
    ivs_revoke_copy(slot->channel, sizeof slot->channel, pair->channel_arn);
    ivs_revoke_copy(slot->viewer, sizeof slot->viewer, pair->viewer_id);
    slot->pair.channel_arn = slot->channel;
    slot->pair.viewer_id = slot->viewer;
    core->pulled++;
    ivs_revoke_put_back(core, slot, false);
    return true;
}

/* ---- calls ---- */

static bool
is_in(const ivs_revoke_request *q, const ivs_revoke_slot *slot)
{
    for (size_t i = 0; i < q->npairs; i++)
        if (strcmp(q->slots[i]->viewer, slot->viewer) == 0 &&
            strcmp(q->slots[i]->channel, slot->channel) == 0)
            return true;
    return false;
}

/* Pairs that are due, of one group and each once, off the queue. */
static void
collect(ivs_revoke_region *r, ivs_revoke_request *q, size_t most,
        int64_t now_ms)
{
    ivs_revoke_slot **at = &r->first, *before = NULL;

    while (*at != NULL && q->npairs < most) {
        ivs_revoke_slot *slot = *at;

        if (slot->due_ms > now_ms ||
            (q->npairs > 0 && slot->group != q->slots[0]->group) ||
            is_in(q, slot)) {
            before = slot;
            at = &slot->next;
            continue;
        }
        *at = slot->next;
        if (r->last == slot)
            r->last = before;
        slot->sends++;
        q->pairs[q->npairs] = slot->pair;
        q->slots[q->npairs++] = slot;
        r->queued--;
    }
}

static ivs_revoke_request *
unused_request(ivs_revoke_region *r)
{
    for (size_t i = 0; i < IVS_REVOKE_FLIGHT; i++)
        if (!r->requests[i].used)
            return &r->requests[i];
    return NULL;
}

static int64_t
earliest_due(const ivs_revoke_region *r)
{
    int64_t due = INT64_MAX;

    for (const ivs_revoke_slot *s = r->first; s != NULL; s = s->next)
        if (s->due_ms < due)
            due = s->due_ms;
    return due;
}

/* A call of this lane, or NULL and when to ask again. */
static ivs_revoke_request *
begin(ivs_revoke_core *core, size_t region, int lane, int64_t now_ms,
      int64_t *until_ms)
{
    ivs_revoke_region *r = &core->regions[region];
    ivs_revoke_pace *pace = &r->lanes[lane];
    int64_t due = earliest_due(r), wait;
    ivs_revoke_request *q;

    if (r->given_up || due == INT64_MAX ||
        (wait = ivs_revoke_pace_wait_ms(pace, now_ms)) == INT64_MAX ||
        (q = unused_request(r)) == NULL)
        return NULL;
    if (wait > 0 || due > now_ms) {
        int64_t when = now_ms + wait > due ? now_ms + wait : due;

        if (when < *until_ms)
            *until_ms = when;
        return NULL;
    }
    ivs_revoke_pace_begin(pace, now_ms);
    memset(q, 0, sizeof *q);
    q->used = true;
    q->single = lane == SINGLE;
    q->region = region;
    q->begun_ms = now_ms;
    q->client = r->client;
    collect(r, q, lane == SINGLE ? 1 : IVS_REVOKE_BATCH_MAX, now_ms);
    core->in_flight++;
    core->calls++;
    return q;
}

static ivs_revoke_todo
wait_or_end(const ivs_revoke_core *core, int64_t until_ms)
{
    bool over = core->in_flight == 0;

    for (size_t i = 0; i < core->nregions; i++)
        over = over && (core->stopped || core->regions[i].given_up ||
                        core->regions[i].queued == 0);
    return (ivs_revoke_todo){.step = over ? IVS_REVOKE_STEP_END
                                          : IVS_REVOKE_STEP_WAIT,
                             .until_ms = until_ms};
}

/* Regions of which no more pairs are wanted now. */
static uint32_t
busy_regions(const ivs_revoke_core *core)
{
    uint32_t busy = 0;

    for (size_t i = 0; i < core->nregions; i++)
        if (core->regions[i].given_up ||
            core->regions[i].queued >= IVS_REVOKE_QUEUE_MAX)
            busy |= UINT32_C(1) << i;
    return busy;
}

void
ivs_revoke_core_drained(ivs_revoke_core *core, uint32_t busy)
{
    core->ended = busy == 0;
    core->drained = true;
    core->but = busy;
}

ivs_revoke_todo
ivs_revoke_core_next(ivs_revoke_core *core, int64_t now_ms)
{
    uint32_t busy = busy_regions(core);
    int64_t until_ms = INT64_MAX;

    if (core->stopped)
        return wait_or_end(core, until_ms);
    if (!core->ended && !(core->one_region && busy != 0) &&
        !(core->drained && (busy & core->but) == core->but))
        return (ivs_revoke_todo){.step = IVS_REVOKE_STEP_PULL, .busy = busy};
    for (size_t i = 0; i < core->nregions * LANES; i++) {
        size_t region = (core->turn + i / LANES) % core->nregions;
        ivs_revoke_request *q =
            begin(core, region, (int)(i % LANES), now_ms, &until_ms);

        if (q == NULL)
            continue;
        core->turn = region + 1;
        return (ivs_revoke_todo){.step = IVS_REVOKE_STEP_SEND, .request = q};
    }
    return wait_or_end(core, until_ms);
}

/* ---- the end ---- */

static void
note_reason(ivs_revoke_core *core, const ivs_error *why)
{
    if (!core->failed_early)
        core->why = *why;
    core->failed_early = true;
}

void
ivs_revoke_core_give_up(ivs_revoke_core *core, ivs_revoke_region *region,
                        const ivs_error *why)
{
    ivs_error named = *why;

    if (core->one_region) {
        ivs_revoke_core_stop(core, why);
        return;
    }
    region->given_up = true;
    ivs_error_context(&named, "region %s", region->name);
    note_reason(core, &named);
}

void
ivs_revoke_core_stop(ivs_revoke_core *core, const ivs_error *why)
{
    if (core->stopped)
        return;
    core->stopped = true;
    note_reason(core, why);
}

size_t
ivs_revoke_core_rest(ivs_revoke_core *core, ivs_revoke_settled *ret, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < core->nregions; i++) {
        ivs_revoke_region *r = &core->regions[i];

        while (r->first != NULL && n < cap) {
            ivs_revoke_slot *slot = r->first;

            r->first = slot->next;
            ret[n] = (ivs_revoke_settled){.id = slot->id};
            ivs_revoke_copy(ret[n].outcome.code, sizeof ret[n].outcome.code,
                            slot->code);
            ivs_revoke_copy(ret[n].outcome.message,
                            sizeof ret[n].outcome.message, slot->message);
            n++;
            r->queued--;
            core->not_done++;
            ivs_revoke_release(r, slot);
        }
    }
    return n;
}
