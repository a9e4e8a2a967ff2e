/* SPDX-License-Identifier: MIT */
/* Rules as JSON:
 *
 *   {"operation": NAME, "*", "edge:multivariant", "edge:variant",
 *                 "edge:segment" or "edge:*",
 *    one of
 *      "status": 400 to 599, with "errorType": NAME
 *      "throttle": true
 *      "reset": "before" or "mid_body"
 *      "batch_errors": {"every": N, "code": TEXT}
 *    "latency_ms": N, besides or alone,
 *    "after": N, "count": N, "probability": 0 to 1}
 */

#include "faults_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "service/operations.h"

#define LATENCY_MAX_MS 20000 /* a request may take 30 seconds */
#define COUNT_MAX      INT64_C(1000000000)
#define TYPE_MAX       64

/* Kinds of requests for playback. */
static const char *const edges[] = {"edge:multivariant", "edge:variant",
                                    "edge:segment", "edge:*", NULL};

void
emu_fault_rule_free(emu_fault_rule *rule)
{
    if (rule == NULL)
        return;
    json_decref(rule->given);
    free(rule);
}

void
emu_fault_rules_free(emu_fault_rules *rules)
{
    if (rules == NULL)
        return;
    for (size_t i = 0; i < rules->n; i++)
        emu_fault_rule_free(rules->v[i]);
    free(rules);
}

static bool
read_operation(const json_t *given, const emu_place *at, emu_fault_rule *rule,
               ivs_error *err)
{
    const emu_place *place = EMU_MEMBER(at, "operation");
    const char *name = NULL;
    bool known;

    if (!emu_read_text(given, "operation", at, sizeof rule->operation - 1,
                       &name, err))
        return false;
    if (name == NULL)
        return emu_wrong(place, err, "is missing");
    known = strcmp(name, "*") == 0 || ivs_operation_find(name) != NULL;
    for (size_t i = 0; edges[i] != NULL; i++)
        known |= strcmp(name, edges[i]) == 0;
    if (!known)
        return emu_wrong(
            place, err,
            "is '%s', expected an operation of the API, '*', or "
            "edge:multivariant, edge:variant, edge:segment or edge:*",
            name);
    (void)snprintf(rule->operation, sizeof rule->operation, "%s", name);
    return true;
}

static bool
read_status(const json_t *given, const emu_place *at, emu_fault_rule *rule,
            ivs_error *err)
{
    const char *type = NULL;
    int64_t status = 0;

    if (!emu_read_integer(given, "status", at, 400, 599, &status, err) ||
        !emu_read_text(given, "errorType", at, TYPE_MAX, &type, err))
        return false;
    rule->status = (int)status;
    if (type == NULL)
        return true;
    if (status == 0)
        return emu_wrong(EMU_MEMBER(at, "errorType"), err,
                         "goes with status, and there is none");
    if (type[strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "0123456789._")] != '\0')
        return emu_wrong(EMU_MEMBER(at, "errorType"), err,
                         "is not a name like ThrottlingException");
    (void)snprintf(rule->type, sizeof rule->type, "%s", type);
    return true;
}

static bool
read_throttle(const json_t *given, const emu_place *at, emu_fault_rule *rule,
              ivs_error *err)
{
    bool throttle = false;

    if (!emu_read_bool(given, "throttle", at, &throttle, err))
        return false;
    if (!throttle)
        return true;
    rule->status = 429;
    (void)snprintf(rule->type, sizeof rule->type, "ThrottlingException");
    return true;
}

static bool
read_reset(const json_t *given, const emu_place *at, emu_fault_rule *rule,
           ivs_error *err)
{
    const char *reset = NULL;

    if (!emu_read_text(given, "reset", at, 16, &reset, err))
        return false;
    if (reset == NULL)
        return true;
    if (strcmp(reset, "mid_body") == 0) {
        rule->fault.cut = EMU_CUT_BODY;
        return true;
    }
    if (strcmp(reset, "before") != 0)
        return emu_wrong(EMU_MEMBER(at, "reset"), err,
                         "is '%s', expected before or mid_body", reset);
    rule->fault.cut = EMU_CUT_BEFORE;
    rule->status = 503;
    return true;
}

static bool
read_batch(const json_t *given, const emu_place *at, emu_fault_rule *rule,
           ivs_error *err)
{
    static const char *const members[] = {"every", "code", NULL};
    const json_t *batch = json_object_get(given, "batch_errors");
    const emu_place *place = EMU_MEMBER(at, "batch_errors");
    const char *code = "500";
    int64_t every = 0;

    if (batch == NULL)
        return true;
    if (!emu_read_object(batch, place, members, err) ||
        !emu_read_integer(batch, "every", place, 1, 1000, &every, err) ||
        !emu_read_text(batch, "code", place, sizeof rule->fault.batch_code - 1,
                       &code, err))
        return false;
    if (every == 0)
        return emu_wrong(EMU_MEMBER(place, "every"), err, "is missing");
    if (strncmp(rule->operation, "Batch", 5) != 0)
        return emu_wrong(place, err,
                         "goes with an operation on a batch, not with %s",
                         rule->operation);
    rule->fault.batch_every = (int)every;
    (void)snprintf(rule->fault.batch_code, sizeof rule->fault.batch_code, "%s",
                   code);
    return true;
}

/* When it fires, and how late the answer is. */
static bool
read_chance(const json_t *given, const emu_place *at, emu_fault_rule *rule,
            ivs_error *err)
{
    const json_t *p = json_object_get(given, "probability");
    int64_t delay_ms = 0;

    rule->count = -1;
    rule->probability = 1;
    if (!emu_read_integer(given, "latency_ms", at, 1, LATENCY_MAX_MS, &delay_ms,
                          err) ||
        !emu_read_integer(given, "after", at, 0, COUNT_MAX, &rule->after,
                          err) ||
        !emu_read_integer(given, "count", at, 1, COUNT_MAX, &rule->count, err))
        return false;
    rule->fault.delay_ms = (int)delay_ms;
    if (p == NULL)
        return true;
    rule->probability = json_number_value(p);
    if (!json_is_number(p) || !(rule->probability > 0) || rule->probability > 1)
        return emu_wrong(EMU_MEMBER(at, "probability"), err,
                         "is not a number above 0, at most 1");
    return true;
}

/* What it does: one thing, or nothing but to be late. */
static bool
check_effect(const json_t *given, const emu_place *at, ivs_error *err)
{
    static const char *const effects[] = {"status", "throttle", "reset",
                                          "batch_errors"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        const json_t *effect = json_object_get(given, effects[i]);

        n += effect != NULL && !json_is_false(effect);
    }
    if (n > 1)
        return emu_wrong(at, err,
                         "has %zu of status, throttle, reset and batch_errors, "
                         "expected one",
                         n);
    if (n == 0 && json_object_get(given, "latency_ms") == NULL)
        return emu_wrong(at, err,
                         "does nothing, expected status, throttle, reset, "
                         "batch_errors or latency_ms");
    return true;
}

static bool
read_rule(const json_t *given, const emu_place *at, emu_fault_rule *rule,
          ivs_error *err)
{
    static const char *const members[] = {
        "operation", "status",       "errorType",  "throttle",
        "reset",     "batch_errors", "latency_ms", "after",
        "count",     "probability",  NULL};

    if (!emu_read_object(given, at, members, err) ||
        !read_operation(given, at, rule, err) ||
        !read_status(given, at, rule, err) ||
        !read_throttle(given, at, rule, err) ||
        !read_reset(given, at, rule, err) ||
        !read_batch(given, at, rule, err) ||
        !read_chance(given, at, rule, err) || !check_effect(given, at, err))
        return false;
    rule->given = json_deep_copy(given);
    if (rule->given == NULL)
        (void)ivs_fail(err, IVS_E_NOMEM, "out of memory");
    return rule->given != NULL;
}

bool
emu_faults_read(const json_t *list, const emu_place *at, emu_fault_rules **ret,
                ivs_error *err)
{
    size_t n = json_array_size(list);
    emu_fault_rules *rules;

    if (n > EMU_FAULTS_MAX)
        return emu_wrong(EMU_MEMBER(at, "faults"), err,
                         "has %zu rules, expected at most %d", n,
                         EMU_FAULTS_MAX);
    rules = calloc(1, sizeof *rules);
    for (size_t i = 0; rules != NULL && i < n; i++) {
        emu_fault_rule *rule = calloc(1, sizeof *rule);

        if (rule == NULL) {
            emu_fault_rules_free(rules);
            rules = NULL;
            break;
        }
        rules->v[rules->n++] = rule;
        if (!read_rule(json_array_get(list, i), EMU_ELEMENT(at, "faults", i),
                       rule, err)) {
            emu_fault_rules_free(rules);
            return false;
        }
    }
    if (rules == NULL)
        (void)ivs_fail(err, IVS_E_NOMEM, "out of memory");
    *ret = rules;
    return rules != NULL;
}
