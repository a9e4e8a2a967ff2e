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

/* Refuse as an error says it: what was asked for is wrong, or what there is
 * does not suffice. Returns false. */
bool emu_control_refuse(emu_response *res, const ivs_error *err);
/* A query parameter that is a number up to max; *ret stays where it is absent.
 * False: refused. */
bool emu_control_number(const emu_request *req, const char *name, int64_t min,
                        int64_t max, int64_t *ret, emu_response *res);
/* Every parameter of the query is in a list of names with spaces between them,
 * and has a value. False: refused. */
bool emu_control_query(const emu_request *req, const char *names,
                       emu_response *res);
/* A query parameter that is the ARN of a channel, appended where it is there.
 * False: refused. */
bool emu_control_channel_arn(const emu_request *req, ivs_buf *ret,
                             emu_response *res);

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
