/* SPDX-License-Identifier: MIT */
/* GET and POST of /_/seed. */

#include "control.h"
#include "seed.h"

void
emu_control_show_seed(emu_emulator *emu, const emu_request *req,
                      const json_t *input, emu_response *res)
{
    (void)req;
    (void)input;
    (void)emu_response_json(res, 200, emu_seed_export(emu));
}

void
emu_control_add_seed(emu_emulator *emu, const emu_request *req,
                     const json_t *input, emu_response *res)
{
    ivs_error err = {0};

    (void)req;
    if (emu_seed(emu, input, &err))
        (void)emu_response_json(res, 200, json_object());
    else
        (void)emu_control_refuse(res, &err);
}
