/* SPDX-License-Identifier: MIT */
/* The rules in use. */

#include "faults.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults_rule.h"

struct emu_faults {
    pthread_mutex_t lock;
    emu_random *random;
    _Atomic size_t n;
    size_t reserved;
    emu_fault_rule *rules[EMU_FAULTS_MAX];
};

emu_faults *
emu_faults_new(emu_random *random)
{
    emu_faults *faults = calloc(1, sizeof *faults);

    if (faults == NULL)
        return NULL;
    (void)pthread_mutex_init(&faults->lock, NULL);
    faults->random = random;
    return faults;
}

void
emu_faults_free(emu_faults *faults)
{
    if (faults == NULL)
        return;
    emu_faults_drop(faults);
    (void)pthread_mutex_destroy(&faults->lock);
    free(faults);
}

bool
emu_faults_reserve(emu_faults *faults, const emu_fault_rules *rules)
{
    bool room;

    (void)pthread_mutex_lock(&faults->lock);
    room = faults->n + faults->reserved + rules->n <= EMU_FAULTS_MAX;
    if (room)
        faults->reserved += rules->n;
    (void)pthread_mutex_unlock(&faults->lock);
    return room;
}

void
emu_faults_add(emu_faults *faults, emu_fault_rules *rules, bool wanted)
{
    (void)pthread_mutex_lock(&faults->lock);
    faults->reserved -= rules->n;
    for (size_t i = 0; i < rules->n && wanted; i++)
        faults->rules[faults->n + i] = rules->v[i];
    if (wanted) {
        faults->n += rules->n;
        rules->n = 0;
    }
    (void)pthread_mutex_unlock(&faults->lock);
    emu_fault_rules_free(rules);
}

void
emu_faults_drop(emu_faults *faults)
{
    (void)pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->n; i++)
        emu_fault_rule_free(faults->rules[i]);
    faults->n = 0;
    (void)pthread_mutex_unlock(&faults->lock);
}

json_t *
emu_faults_list(emu_faults *faults, bool counts)
{
    json_t *list = json_array();
    bool failed = list == NULL;

    (void)pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->n && !failed; i++) {
        const emu_fault_rule *rule = faults->rules[i];
        json_t *shown = json_deep_copy(rule->given);

        if (counts)
            failed = json_object_set_new(shown, "seen",
                                         json_integer(rule->seen)) != 0 ||
                     json_object_set_new(shown, "fired",
                                         json_integer(rule->fired)) != 0;
        failed |= json_array_append_new(list, shown) != 0;
    }
    (void)pthread_mutex_unlock(&faults->lock);
    if (!failed)
        return list;
    json_decref(list);
    return NULL;
}

/* "*" is every operation of the API, "edge:*" all of playback. */
static bool
fits(const emu_fault_rule *rule, const char *operation)
{
    bool edge = strncmp(operation, "edge:", 5) == 0;

    if (strcmp(rule->operation, "*") == 0)
        return !edge;
    if (strcmp(rule->operation, "edge:*") == 0)
        return edge;
    return strcmp(rule->operation, operation) == 0;
}

/* One draw in [0, 1). A source that fails makes no fault. */
static double
draw(emu_random *random)
{
    uint64_t bits = 0;

    if (!emu_random_fill(random, EMU_RANDOM_FAULTS, &bits, sizeof bits))
        return 1;
    return (double)(bits >> 11) / 9007199254740992.0; /* 2^53 */
}

static bool
fires(emu_fault_rule *rule, emu_random *random)
{
    if (rule->seen++ < rule->after || rule->fired == rule->count ||
        (rule->probability < 1 && draw(random) >= rule->probability))
        return false;
    rule->fired++;
    return true;
}

/* The answer in place of the one there would have been. */
static void
answer(const emu_fault_rule *rule, const char *operation, emu_response *res)
{
    if (strncmp(operation, "edge:", 5) == 0) {
        emu_response_text(res, rule->status, "text/plain",
                          "a fault of this status was asked for");
        emu_response_header(res, "Access-Control-Allow-Origin", "*");
    } else {
        emu_response_error(res, rule->status,
                           *rule->type == '\0' ? NULL : rule->type,
                           "a fault of this status was asked for");
    }
}

bool
emu_faults_strike(emu_faults *faults, const char *operation, emu_response *res)
{
    bool answered = false;

    if (faults == NULL || faults->n == 0)
        return false;
    (void)pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->n; i++) {
        emu_fault_rule *rule = faults->rules[i];

        if (!fits(rule, operation) || !fires(rule, faults->random))
            continue;
        res->fault = rule->fault;
        answered = rule->status != 0;
        if (answered)
            answer(rule, operation, res);
        (void)snprintf(res->fault.note, sizeof res->fault.note, "faults[%zu]",
                       i);
        break;
    }
    (void)pthread_mutex_unlock(&faults->lock);
    return answered;
}
