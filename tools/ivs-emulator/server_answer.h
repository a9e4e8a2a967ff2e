/* SPDX-License-Identifier: MIT */
#ifndef EMU_SERVER_ANSWER_H
#define EMU_SERVER_ANSWER_H

#include <microhttpd.h>

#include "http.h"

/* Hand an answer to the library, whole or cut as its fault has it. MHD_NO ends
 * the connection. */
enum MHD_Result emu_answer(struct MHD_Connection *connection,
                           emu_response *res);

#endif
