/* SPDX-License-Identifier: MIT */
#ifndef EMU_CONTROL_H
#define EMU_CONTROL_H

/* Control of the emulator itself, under /_/. Only for requests whose Host is
 * local, which emu_admit() sees to. */

#include "emulator.h"

#define EMU_CONTROL_PREFIX "/_/"

void emu_control(emu_emulator *emu, const emu_request *req, emu_response *res);

/* One path and method; input is the body. */
void emu_control_show_stream(emu_emulator *emu, const emu_request *req,
                             const json_t *input, emu_response *res);
void emu_control_change_stream(emu_emulator *emu, const emu_request *req,
                               const json_t *input, emu_response *res);
void emu_control_show_faults(emu_emulator *emu, const emu_request *req,
                             const json_t *input, emu_response *res);
void emu_control_add_faults(emu_emulator *emu, const emu_request *req,
                            const json_t *input, emu_response *res);
void emu_control_drop_faults(emu_emulator *emu, const emu_request *req,
                             const json_t *input, emu_response *res);
void emu_control_show_seed(emu_emulator *emu, const emu_request *req,
                           const json_t *input, emu_response *res);
void emu_control_add_seed(emu_emulator *emu, const emu_request *req,
                          const json_t *input, emu_response *res);

/* {"now_s":N}, {"advance_s":N}, or {} for the system's time again. */
bool emu_clock_move(emu_emulator *emu, const json_t *to, const emu_place *at,
                    ivs_error *err);

void emu_control_requests(emu_emulator *emu, const emu_request *req,
                          const json_t *input, emu_response *res);
void emu_control_state(emu_emulator *emu, const emu_request *req,
                       const json_t *input, emu_response *res);
void emu_control_inspect(emu_emulator *emu, const emu_request *req,
                         const json_t *input, emu_response *res);
void emu_control_mint(emu_emulator *emu, const emu_request *req,
                      const json_t *input, emu_response *res);
void emu_control_mint_key(emu_emulator *emu, const emu_request *req,
                          const json_t *input, emu_response *res);
void emu_control_channel(emu_emulator *emu, const emu_request *req,
                         const json_t *input, emu_response *res);
void emu_control_revoke(emu_emulator *emu, const emu_request *req,
                        const json_t *input, emu_response *res);
void emu_control_page(emu_emulator *emu, const emu_request *req,
                      const json_t *input, emu_response *res);

#endif
