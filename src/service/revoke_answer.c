/* SPDX-License-Identifier: MIT */
/* What an answer does to the pairs of its call. */

#include <stdio.h>

#include "base/error.h"
#include "service/client_impl.h"
#include "service/revoke_core.h"

/* A batch that the server breaks over so often is cut in halves. */
#define SENDS_BEFORE_SPLIT 3

struct settling {
    ivs_revoke_core *core;
    ivs_revoke_region *region;
    ivs_revoke_request *q;
    int64_t now_ms;
    uint32_t random;
    ivs_revoke_settled *ret;
    size_t n;
};

static void
settle(struct settling *s, ivs_revoke_slot *slot, ivs_revoke_state state)
{
    ivs_revoke_settled *to = &s->ret[s->n++];

    *to = (ivs_revoke_settled){.id = slot->id, .outcome = {.state = state}};
    if (state == IVS_REVOKE_ACKNOWLEDGED) {
        s->core->acknowledged++;
    } else {
        ivs_revoke_copy(to->outcome.code, sizeof to->outcome.code, slot->code);
        ivs_revoke_copy(to->outcome.message, sizeof to->outcome.message,
                        slot->message);
        if (state == IVS_REVOKE_FAILED)
            s->core->failed++;
        else
            s->core->not_done++;
    }
    ivs_revoke_release(s->region, slot);
}

/* The reason of a whole call, for each of its pairs. */
static void
note_error(ivs_revoke_slot *slot, const ivs_error *err)
{
    if (err->aws_code[0] != '\0')
        ivs_revoke_copy(slot->code, sizeof slot->code, err->aws_code);
    else if (err->http_status != 0)
        (void)snprintf(slot->code, sizeof slot->code, "%d", err->http_status);
    else
        ivs_revoke_copy(slot->code, sizeof slot->code,
                        ivs_status_text(err->code));
    ivs_revoke_copy(slot->message, sizeof slot->message, err->message);
}

/* Send a pair again, or give it up. An outage of the whole region is not its
 * fault: a failure counts only when a call has succeeded since its last one. */
static void
again(struct settling *s, ivs_revoke_slot *slot, bool throttled)
{
    if (slot->tries == 0 || slot->successes != s->region->successes)
        slot->tries++;
    slot->successes = s->region->successes;
    if (slot->tries >= IVS_REVOKE_TRIES_MAX) {
        settle(s, slot, IVS_REVOKE_NOT_DONE);
        return;
    }
    slot->due_ms = s->now_ms + ivs_retry_delay_ms((int)slot->tries - 1,
                                                  throttled, s->random, -1);
    ivs_revoke_put_back(s->core, slot, false);
}

/* In front of all others, in their order. */
static void
first_again(struct settling *s)
{
    for (size_t i = s->q->npairs; i > 0; i--)
        ivs_revoke_put_back(s->core, s->q->slots[i - 1], true);
}

/* Two groups where there was one. */
static void
split(struct settling *s)
{
    uint32_t group = s->core->groups + 1;

    s->core->groups += 2;
    for (size_t i = 0; i < s->q->npairs; i++)
        s->q->slots[i]->group = i < s->q->npairs / 2 ? group : group + 1;
    first_again(s);
}

static void
take_outcomes(struct settling *s)
{
    for (size_t i = 0; i < s->q->npairs; i++) {
        const ivs_revoke_outcome *o = &s->q->outcomes[i];
        ivs_revoke_slot *slot = s->q->slots[i];
        bool throttled = ivs_revoke_code_throttled(o->code);

        if (s->q->single || o->state == IVS_REVOKE_ACKNOWLEDGED) {
            settle(s, slot, IVS_REVOKE_ACKNOWLEDGED);
            continue;
        }
        ivs_revoke_copy(slot->code, sizeof slot->code, o->code);
        ivs_revoke_copy(slot->message, sizeof slot->message, o->message);
        if (throttled || ivs_revoke_code_transient(o->code))
            again(s, slot, throttled);
        else
            settle(s, slot, IVS_REVOKE_FAILED);
    }
}

static void
reject(struct settling *s)
{
    if (s->q->npairs > 1)
        split(s);
    else
        settle(s, s->q->slots[0], IVS_REVOKE_FAILED);
}

static bool
has_had_enough(const struct settling *s, ivs_revoke_verdict verdict)
{
    const ivs_revoke_region *r = s->region;

    if (r->lanes[0].failures + r->lanes[1].failures < IVS_REVOKE_FIRST_FAILURES)
        return false;
    return (verdict == IVS_REVOKE_IS_UNKNOWN && r->successes == 0) ||
           s->now_ms - r->bad_ms > IVS_REVOKE_PATIENCE_MS;
}

static void
try_again(struct settling *s, ivs_revoke_verdict verdict)
{
    ivs_revoke_request *q = s->q;

    if (!s->region->bad)
        s->region->bad_ms = s->now_ms;
    s->region->bad = true;
    if (verdict == IVS_REVOKE_IS_THROTTLED) {
        first_again(s);
    } else if (q->err.http_status >= 500 && q->npairs > 1 &&
               q->slots[0]->sends >= SENDS_BEFORE_SPLIT) {
        split(s);
    } else {
        for (size_t i = 0; i < q->npairs; i++)
            again(s, q->slots[i], false);
    }
    if (has_had_enough(s, verdict))
        ivs_revoke_core_give_up(s->core, s->region, &q->err);
}

/* The service works: it has read the pairs. */
static void
note_success(struct settling *s)
{
    s->region->successes++;
    s->region->bad = false;
    s->region->stale = false;
}

/* The next call has other keys or another time, if there are any. */
static void
refresh(struct settling *s)
{
    ivs_revoke_region *r = s->region;

    first_again(s);
    if (r->stale && s->q->begun_ms >= r->stale_ms)
        ivs_revoke_core_give_up(s->core, r, &s->q->err);
    if (!r->stale)
        r->stale_ms = s->now_ms;
    r->stale = true;
}

static ivs_revoke_verdict
pace_failure(struct settling *s, ivs_revoke_pace *pace)
{
    const ivs_revoke_request *q = s->q;
    ivs_revoke_verdict verdict = ivs_revoke_judge(&q->err);

    switch (verdict) {
    case IVS_REVOKE_IS_THROTTLED:
        s->core->throttled++;
        ivs_revoke_pace_throttled(pace, q->begun_ms, s->now_ms, s->random,
                                  q->err.retry_after_ms);
        break;
    case IVS_REVOKE_IS_REJECTED:
        note_success(s);
        ivs_revoke_pace_good(pace, q->begun_ms, s->now_ms);
        break;
    case IVS_REVOKE_IS_UNKNOWN:
    case IVS_REVOKE_IS_STALE:
    case IVS_REVOKE_IS_FATAL:
        ivs_revoke_pace_failed(pace, q->begun_ms, s->now_ms, s->random,
                               q->err.retry_after_ms);
        break;
    }
    return verdict;
}

static void
take_failure(struct settling *s, ivs_revoke_pace *pace)
{
    ivs_revoke_request *q = s->q;
    ivs_revoke_verdict verdict = pace_failure(s, pace);

    for (size_t i = 0; i < q->npairs; i++)
        note_error(q->slots[i], &q->err);
    if (verdict == IVS_REVOKE_IS_FATAL) {
        first_again(s);
        /* What the service says is of its region; what is wrong here, of all.
         */
        if (q->err.code == IVS_E_SERVICE)
            ivs_revoke_core_give_up(s->core, s->region, &q->err);
        else
            ivs_revoke_core_stop(s->core, &q->err);
    } else if (verdict == IVS_REVOKE_IS_STALE) {
        refresh(s);
    } else if (verdict == IVS_REVOKE_IS_REJECTED) {
        reject(s);
    } else {
        try_again(s, verdict);
    }
}

/* A batch can be denied pair by pair in an answer of 200. Before anything has
 * worked it is the caller who is denied, not each of the pairs. */
static bool
is_denied_whole(const struct settling *s)
{
    const ivs_revoke_request *q = s->q;

    if (q->single || s->region->successes > 0)
        return false;
    for (size_t i = 0; i < q->npairs; i++)
        if (q->outcomes[i].state != IVS_REVOKE_FAILED ||
            !ivs_revoke_code_denied(q->outcomes[i].code))
            return false;
    return true;
}

/* Others may fare better: the run ends only where none does. */
static void
take_denial(struct settling *s, ivs_revoke_pace *pace)
{
    ivs_revoke_request *q = s->q;
    const ivs_revoke_outcome *o = &q->outcomes[0];

    (void)ivs_fail(&q->err, IVS_E_SERVICE,
                   "every viewer of a call was refused: %s%s%s", o->code,
                   o->message[0] != '\0' ? ": " : "", o->message);
    q->err.http_status = 403;
    ivs_revoke_copy(q->err.aws_code, sizeof q->err.aws_code, o->code);
    ivs_revoke_pace_failed(pace, q->begun_ms, s->now_ms, s->random, 0);
    for (size_t i = 0; i < q->npairs; i++)
        note_error(q->slots[i], &q->err);
    try_again(s, IVS_REVOKE_IS_UNKNOWN);
}

/* One pace for all: a single pair that is throttled slows its lane too. */
static void
take_success(struct settling *s, ivs_revoke_pace *pace)
{
    const ivs_revoke_request *q = s->q;
    bool throttled = false;

    note_success(s);
    for (size_t i = 0; i < q->npairs && !q->single; i++)
        throttled = throttled || ivs_revoke_code_throttled(q->outcomes[i].code);
    s->core->throttled += throttled;
    if (throttled)
        ivs_revoke_pace_throttled(pace, q->begun_ms, s->now_ms, s->random, 0);
    else
        ivs_revoke_pace_good(pace, q->begun_ms, s->now_ms);
    take_outcomes(s);
}

size_t
ivs_revoke_core_answer(ivs_revoke_core *core, ivs_revoke_request *q,
                       int64_t now_ms, uint32_t random, ivs_revoke_settled *ret)
{
    struct settling s = {.core = core,
                         .region = &core->regions[q->region],
                         .q = q,
                         .now_ms = now_ms,
                         .random = random,
                         .ret = ret};
    ivs_revoke_pace *pace = &s.region->lanes[q->single ? 1 : 0];

    if (q->unsent) {
        ivs_revoke_pace_dropped(pace);
        first_again(&s);
    } else if (q->status == IVS_OK && is_denied_whole(&s)) {
        take_denial(&s, pace);
    } else if (q->status == IVS_OK) {
        take_success(&s, pace);
    } else {
        take_failure(&s, pace);
    }
    q->used = false;
    core->in_flight--;
    return s.n;
}
