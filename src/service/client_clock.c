/* SPDX-License-Identifier: MIT */
/* The service's clock, which signatures go by, as in the AWS SDKs for
 * JavaScript: Date minus our time, of every answer that no cache gave. */

#include <stdlib.h>

#include "service/client_impl.h"

/* The Date of an answer that took longer tells little. */
#define ANSWER_MAX_S (15 * 60)
/* 9999-01-01: a signature can name no year after that, so that a clock of
 * later would end all calls of the client. */
#define DATE_MAX_S INT64_C(253370764800)

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
