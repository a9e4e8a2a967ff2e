/* SPDX-License-Identifier: MIT */
/* Time: pauses of a call, and the service's clock, which signatures go by. The
 * latter as in the AWS SDKs for JavaScript: Date minus our time, of every
 * answer that no cache gave. */

#include <stdlib.h>

#include "base/error.h"
#include "service/client_impl.h"

/* A pause is cut into pieces so that a cancelled call ends soon. */
#define NAP_MS 100
/* The Date of an answer that took longer tells little. */
#define ANSWER_MAX_S (15 * 60)
/* 9999-01-01: a signature can name no year after that, so that a clock of
 * later would end all calls of the client. */
#define DATE_MAX_S INT64_C(253370764800)

bool
ivs_client_is_cancelled(const ivs_client *client)
{
    return atomic_load(&client->cancelled);
}

ivs_status
ivs_client_fail_cancelled(ivs_error *err)
{
    return ivs_fail(err, IVS_E_CANCELLED, "the call was cancelled");
}

ivs_status
ivs_client_pause(ivs_client *client, int64_t ms, ivs_error *err)
{
    while (ms > 0 && !ivs_client_is_cancelled(client)) {
        int64_t nap = ms < NAP_MS ? ms : NAP_MS;

        client->clock.sleep_ms(nap, client->clock.user);
        ms -= nap;
    }
    return ivs_client_is_cancelled(client) ? ivs_client_fail_cancelled(err)
                                           : IVS_OK;
}

int64_t
ivs_client_offset_s(ivs_client *client)
{
    int64_t offset;

    (void)pthread_mutex_lock(&client->lock);
    offset = client->clock_offset_s;
    (void)pthread_mutex_unlock(&client->lock);
    return offset;
}

bool
ivs_client_clock_offset(ivs_client *client, int64_t *ret_s)
{
    bool known;

    (void)pthread_mutex_lock(&client->lock);
    known = client->clock_known;
    if (known)
        *ret_s = client->clock_offset_s;
    (void)pthread_mutex_unlock(&client->lock);
    return known;
}

void
ivs_client_learn_time(ivs_client *client, ivs_answer *answer, int64_t sent_s,
                      int64_t received_s, int64_t offset_s)
{
    int64_t learnt = answer->date_s - received_s;

    /* A clock of ours that was set meanwhile shows in the difference, too. */
    if (!answer->dated || answer->aged || answer->date_s > DATE_MAX_S ||
        received_s < sent_s || received_s - sent_s > ANSWER_MAX_S)
        return;
    (void)pthread_mutex_lock(&client->lock);
    client->clock_offset_s = learnt;
    client->clock_known = true;
    (void)pthread_mutex_unlock(&client->lock);
    answer->skew_s = llabs(learnt - offset_s);
}
