/* SPDX-License-Identifier: MIT */
/* GET, POST and DELETE of /_/faults: the rules in use, more of them, none. */

#include "control.h"

void
emu_control_show_faults(emu_emulator *emu, const emu_request *req,
                        const json_t *input, emu_response *res)
{
    (void)req;
    (void)input;
    (void)emu_response_json(
        res, 200,
        json_pack("{s:o}", "faults", emu_faults_list(emu->faults, true)));
}

/* {"faults":[RULE, …]} */
void
emu_control_add_faults(emu_emulator *emu, const emu_request *req,
                       const json_t *input, emu_response *res)
{
    static const char *const members[] = {"faults", NULL};
    emu_fault_rules *rules = NULL;
    const json_t *list = NULL;
    ivs_error err = {0};

    if (!emu_read_object(input, NULL, members, &err) ||
        !emu_read_list(input, "faults", NULL, &list, &err) ||
        !emu_faults_read(list, NULL, &rules, &err)) {
        (void)emu_control_refuse(res, &err);
    } else if (!emu_faults_reserve(emu->faults, rules)) {
        emu_fault_rules_free(rules);
        (void)emu_refuse(res, EMU_VALIDATION,
                         "there would be more than %d rules", EMU_FAULTS_MAX);
    } else {
        emu_faults_add(emu->faults, rules, true);
        emu_control_show_faults(emu, req, input, res);
    }
}

void
emu_control_drop_faults(emu_emulator *emu, const emu_request *req,
                        const json_t *input, emu_response *res)
{
    (void)req;
    (void)input;
    emu_faults_drop(emu->faults);
    (void)emu_response_json(res, 200, json_object());
}
