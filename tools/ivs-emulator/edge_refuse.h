/* SPDX-License-Identifier: MIT */
#ifndef EMU_EDGE_REFUSE_H
#define EMU_EDGE_REFUSE_H

/* Refusals in the shapes the service has. What it would not tell a viewer is
 * left with emu_response_reason(). Each has the CORS header that lets a player
 * read it. */

#include <ivs/error.h>

#include "http.h"

/* Of the multivariant playlist: an array of one object. */
void emu_edge_refuse(const emu_request *req, emu_response *res, int status,
                     const char *error, const char *code);
/* The token does not hold; err has the reason and a sentence. */
void emu_edge_refuse_token(const emu_request *req, const ivs_error *err,
                           emu_response *res);
/* 404: no such channel, or it is offline. */
void emu_edge_refuse_channel(const emu_request *req, emu_response *res);
/* Of what a session plays: 403 and a line of text. */
void emu_edge_forbid(emu_response *res, const char *text);
/* Say in a header what the answer does not tell, where there is something. */
void emu_edge_explain(emu_response *res);
/* 500. */
void emu_edge_fail(emu_response *res, const char *why);

#endif
