/* SPDX-License-Identifier: MIT */
/* One call: attempts, pauses, the result. */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "service/client_impl.h"

/* What a call knows of its attempts. */
struct run {
    ivs_client *client;
    const ivs_call *call;
    ivs_answer answer; /* the last one's */
    ivs_credentials_keys keys;
    unsigned means;
    int attempts;
    int pauses;
    int last_cost;   /* of the last retry; 0: there was none */
    bool unanswered; /* an attempt may have reached the service */
    bool unknown;    /* an attempt may have been carried out */
    bool resigned;   /* tried again with another time */
    bool renewed;    /* tried again with other keys */
    ivs_error last;  /* a success after it leaves the caller's as it was */
};

/* Whether nobody knows what became of an attempt, for whatever reason its
 * answer was not taken to the end. */
static bool
is_unanswered(const ivs_answer *answer)
{
    return answer->begun && !answer->unsent && !answer->whole;
}

static bool
same_buf(const ivs_buf *a, const ivs_buf *b)
{
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static bool
same_keys(const ivs_credentials_keys *a, const ivs_credentials_keys *b)
{
    return same_buf(&a->access_key_id, &b->access_key_id) &&
           same_buf(&a->secret_access_key, &b->secret_access_key) &&
           same_buf(&a->session_token, &b->session_token);
}

/* Ask the source for other keys than those refused; *ret_other tells whether it
 * has some. */
static ivs_status
renew_keys(struct run *r, bool *ret_other)
{
    ivs_credentials *credentials = r->client->credentials;
    ivs_credentials_keys now = {0};
    ivs_error err = {0};
    ivs_status s;

    ivs_credentials_expire(credentials, &r->keys);
    s = ivs_credentials_get(credentials, &r->client->cancel, &now, &err);
    if (s == IVS_OK)
        *ret_other = !same_keys(&now, &r->keys);
    else
        r->last = err;
    ivs_credentials_keys_free(&now);
    return s;
}

/* Once a call each: another time, other keys. There is nothing to wait for, and
 * an overload is not what they come of, so the quota does not pay. Keys are
 * renewed for the next call where there is no attempt left. */
static ivs_status
mend(struct run *r, ivs_status s, bool more, bool *ret_again)
{
    ivs_status renewed;
    bool other = false;

    if ((r->means & IVS_MEANS_CLOCK) != 0 && !r->resigned && more) {
        r->resigned = true;
        *ret_again = true;
        ivs_client_debug(r->client, "retry| signed again, %lld s from here",
                         (long long)ivs_client_offset_s(r->client));
        return s;
    }
    if ((r->means & IVS_MEANS_KEYS) == 0 || r->renewed)
        return s;
    r->renewed = true;
    renewed = renew_keys(r, &other);
    *ret_again = other && more;
    if (*ret_again)
        ivs_client_debug(r->client, "retry| with other credentials");
    return renewed != IVS_OK ? renewed : s;
}

/* Whether another attempt may follow a failed one, whatever the numbers. */
static bool
may_repeat(const struct run *r, ivs_status s)
{
    bool repeatable = r->call->op->repeatable;

    if (s == IVS_E_NETWORK)
        return r->answer.begun && !r->answer.hopeless &&
               (repeatable || r->answer.unsent);
    if ((r->means & IVS_MEANS_THROTTLED) != 0)
        return true;
    return (r->means & IVS_MEANS_TRANSIENT) != 0 && repeatable;
}

/* False when the quota is used up. */
static bool
pay(struct run *r)
{
    bool throttled = (r->means & IVS_MEANS_THROTTLED) != 0;
    ivs_client *client = r->client;
    int cost;

    (void)pthread_mutex_lock(&client->lock);
    cost = ivs_retry_quota_take(&client->quota, throttled);
    (void)pthread_mutex_unlock(&client->lock);
    if (cost > 0)
        r->last_cost = cost;
    return cost > 0;
}

static void
give_back(struct run *r)
{
    ivs_client *client = r->client;

    (void)pthread_mutex_lock(&client->lock);
    ivs_retry_quota_return(&client->quota, r->last_cost);
    (void)pthread_mutex_unlock(&client->lock);
}

/* The pause that the last answer asked for; -1: none. */
static int64_t
asked_ms(const struct run *r)
{
    ivs_client *client = r->client;

    return ivs_retry_asked_ms(r->answer.amz_retry_after, r->answer.retry_after,
                              client->clock.now_s(client->clock.user) +
                                  ivs_client_offset_s(client));
}

static ivs_status
wait_before_next(struct run *r)
{
    ivs_client *client = r->client;
    uint32_t random;
    int64_t ms;

    /* Without random bytes the longest pause is the kind one. */
    if (!ivs_random(&random, sizeof random))
        random = UINT32_MAX;
    ms = ivs_retry_delay_ms(r->pauses++, (r->means & IVS_MEANS_THROTTLED) != 0,
                            random, asked_ms(r));
    ivs_client_debug(client, "retry| in %d ms", (int)ms);
    return ivs_pause(&client->clock, ms, &client->cancel, &r->last);
}

/* After a failed attempt: *ret_again tells whether another is to be made, else
 * the call ends with the status. */
static ivs_status
decide(struct run *r, ivs_status s, bool *ret_again)
{
    bool more = r->attempts < r->client->config.max_attempts;
    ivs_status mended, paused;

    *ret_again = false;
    mended = mend(r, s, more, ret_again);
    if (mended != s || *ret_again || !more || !may_repeat(r, s))
        return mended;
    if (!pay(r))
        return s;
    paused = wait_before_next(r);
    *ret_again = paused == IVS_OK;
    return paused != IVS_OK ? paused : s;
}

static void
note(struct run *r)
{
    bool lost = is_unanswered(&r->answer);

    r->unanswered = r->unanswered || lost;
    r->unknown = r->unknown || lost || (r->means & IVS_MEANS_TRANSIENT) != 0;
}

/* What an attempt before may have deleted is not there any more. */
static bool
is_deleted(const struct run *r)
{
    return r->unknown && (r->means & IVS_MEANS_GONE) != 0 &&
           strncmp(r->call->op->name, "Delete", 6) == 0;
}

/* The answer that the lost one was. */
static ivs_status
make_deleted(struct run *r)
{
    r->answer.status = r->call->op->status;
    ivs_buf_free(&r->answer.body);
    return IVS_OK;
}

/* Attempts until one succeeds or no other may follow. */
static ivs_status
make_attempts(struct run *r)
{
    bool again = true;
    ivs_status s = IVS_OK;

    while (again) {
        again = false;
        ivs_answer_free(&r->answer);
        ivs_credentials_keys_free(&r->keys);
        if (ivs_is_cancelled(&r->client->cancel))
            return ivs_fail_cancelled(&r->last);
        r->attempts++;
        s = ivs_client_attempt(r->client, r->call, r->attempts, &r->answer,
                               &r->keys, &r->means, &r->last);
        note(r);
        if (s != IVS_OK && is_deleted(r))
            s = make_deleted(r);
        if (s != IVS_OK)
            s = decide(r, s, &again);
    }
    return s;
}

static ivs_status
run(struct run *r, ivs_error *err)
{
    ivs_status s = make_attempts(r);
    int64_t asked;

    if (s == IVS_OK) {
        give_back(r);
        return s;
    }
    if ((r->means & IVS_MEANS_KEYS) != 0 && s != IVS_E_CANCELLED)
        ivs_error_context(&r->last, "credentials from %s",
                          ivs_credentials_source(r->client->credentials));
    if (r->attempts > 1 && s != IVS_E_CANCELLED)
        ivs_error_context(&r->last, "after %d attempts", r->attempts);
    r->last.unanswered = r->unanswered;
    asked = asked_ms(r);
    r->last.retry_after_ms = asked > 0 ? (int)asked : 0;
    if (err != NULL)
        *err = r->last;
    return s;
}

static ivs_status
make_result(struct run *r, ivs_result **ret, ivs_error *err)
{
    ivs_result *result = calloc(1, sizeof *result);

    if (result == NULL)
        return ivs_fail(err, IVS_E_NOMEM, "out of memory for a result");
    result->status = r->answer.status;
    result->attempts = r->attempts;
    memcpy(result->request_id, r->answer.request_id, sizeof result->request_id);
    result->body = r->answer.body;
    r->answer.body = IVS_BUF_INIT;
    *ret = result;
    return IVS_OK;
}

ivs_status
ivs_client_call(ivs_client *client, const char *operation, const char *json,
                size_t len, ivs_result **ret, ivs_error *err)
{
    const ivs_operation *op;
    ivs_call call = {0};
    struct run r = {.client = client, .call = &call};
    ivs_status s;

    if (client == NULL || operation == NULL)
        return ivs_fail(err, IVS_E_ARG, "client or operation is NULL");
    if ((s = ivs_operation_get(operation, &op, err)) != IVS_OK)
        return s;
    if ((s = ivs_call_build(client, op, json, len, &call, err)) != IVS_OK)
        return s;
    s = run(&r, err);
    if (s == IVS_OK && ret != NULL)
        s = make_result(&r, ret, err);
    ivs_call_free(&call);
    ivs_answer_free(&r.answer);
    ivs_credentials_keys_free(&r.keys);
    return s;
}
