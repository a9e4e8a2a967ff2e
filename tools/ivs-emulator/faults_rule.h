/* SPDX-License-Identifier: MIT */
#ifndef EMU_FAULTS_RULE_H
#define EMU_FAULTS_RULE_H

/* One rule. */

#include "faults.h"

typedef struct emu_fault_rule {
    char operation[64];
    int status; /* answered without carrying anything out; 0: carried out */
    char type[65];
    emu_fault fault;
    int64_t after;      /* so many pass first */
    int64_t count;      /* fires so often; -1: always */
    double probability; /* of each time */
    int64_t seen, fired;
    json_t *given;
} emu_fault_rule;

struct emu_fault_rules {
    size_t n;
    emu_fault_rule *v[EMU_FAULTS_MAX];
};

void emu_fault_rule_free(emu_fault_rule *rule);

#endif
