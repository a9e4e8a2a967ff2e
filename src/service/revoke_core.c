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

    if (core != NULL) {
        core->slots = calloc(IVS_REVOKE_SLOTS, sizeof *core->slots);
        core->requests = calloc(IVS_REVOKE_REQUESTS, sizeof *core->requests);
    }
    if (core == NULL || core->slots == NULL || core->requests == NULL) {
        ivs_revoke_core_free(core);
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a revocation");
    }
    for (size_t i = 0; i < IVS_REVOKE_SLOTS; i++)
        ivs_revoke_release(core, &core->slots[i]);
    set_quotas(core, lane, pairs_per_s);
    *ret = core;
    return IVS_OK;
}

void
ivs_revoke_core_free(ivs_revoke_core *core)
{
    if (core == NULL)
        return;
    free(core->slots);
    free(core->requests);
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

bool
ivs_revoke_core_add_region(ivs_revoke_core *core, const char *name,
                           ivs_client *client, int64_t now_ms)
{
    ivs_revoke_region *r = &core->regions[core->nregions];

    if (core->nregions == IVS_REVOKE_REGIONS)
        return false;
    *r = (ivs_revoke_region){.client = client};
    ivs_revoke_copy(r->name, sizeof r->name, name);
    ivs_revoke_pace_init(&r->lanes[BATCH], core->batch_milli,
                         core->batch_milli > 0 ? IVS_REVOKE_BATCH_FLIGHT : 0,
                         now_ms);
    ivs_revoke_pace_init(&r->lanes[SINGLE], core->single_milli,
                         core->single_milli > 0 ? IVS_REVOKE_SINGLE_FLIGHT : 0,
                         now_ms);
    core->nregions++;
    return true;
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
ivs_revoke_release(ivs_revoke_core *core, ivs_revoke_slot *slot)
{
    slot->next = core->free;
    core->free = slot;
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
    core->queued++;
}

void
ivs_revoke_core_add(ivs_revoke_core *core, int64_t id,
                    const ivs_revocation *pair, size_t region, int64_t now_ms)
{
    ivs_revoke_slot *slot = core->free;

    core->free = slot->next;
    *slot = (ivs_revoke_slot){
        .id = id, .pair = *pair, .region = region, .due_ms = now_ms};
    ivs_revoke_copy(slot->channel, sizeof slot->channel, pair->channel_arn);
    ivs_revoke_copy(slot->viewer, sizeof slot->viewer, pair->viewer_id);
    slot->pair.channel_arn = slot->channel;
    slot->pair.viewer_id = slot->viewer;
    core->pulled++;
    ivs_revoke_put_back(core, slot, false);
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
collect(ivs_revoke_core *core, ivs_revoke_region *r, ivs_revoke_request *q,
        size_t most, int64_t now_ms)
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
        core->queued--;
    }
}

static ivs_revoke_request *
unused_request(ivs_revoke_core *core)
{
    for (size_t i = 0; i < IVS_REVOKE_REQUESTS; i++)
        if (!core->requests[i].used)
            return &core->requests[i];
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

    if (due == INT64_MAX ||
        (wait = ivs_revoke_pace_wait_ms(pace, now_ms)) == INT64_MAX ||
        (q = unused_request(core)) == NULL)
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
    collect(core, r, q, lane == SINGLE ? 1 : IVS_REVOKE_BATCH_MAX, now_ms);
    core->in_flight++;
    core->calls++;
    return q;
}

static ivs_revoke_todo
wait_or_end(const ivs_revoke_core *core, int64_t until_ms)
{
    bool over = core->in_flight == 0 && (core->stopped || core->queued == 0);

    return (ivs_revoke_todo){.step = over ? IVS_REVOKE_STEP_END
                                          : IVS_REVOKE_STEP_WAIT,
                             .until_ms = until_ms};
}

ivs_revoke_todo
ivs_revoke_core_next(ivs_revoke_core *core, int64_t now_ms)
{
    int64_t until_ms = INT64_MAX;

    if (core->stopped)
        return wait_or_end(core, until_ms);
    if (!core->ended && core->queued < IVS_REVOKE_QUEUE_MAX &&
        core->free != NULL) {
        size_t room = 0;

        for (const ivs_revoke_slot *s = core->free;
             s != NULL && room < IVS_REVOKE_PULL_MAX; s = s->next)
            room++;
        return (ivs_revoke_todo){.step = IVS_REVOKE_STEP_PULL, .room = room};
    }
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

void
ivs_revoke_core_stop(ivs_revoke_core *core, const ivs_error *why)
{
    if (core->stopped)
        return;
    core->stopped = true;
    core->why = *why;
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
            core->queued--;
            core->not_done++;
            ivs_revoke_release(core, slot);
        }
    }
    return n;
}
