/* SPDX-License-Identifier: MIT */
#ifndef EMU_AUTH_H
#define EMU_AUTH_H

/* Who signed a request: AWS Signature Version 4 in the Authorization header. */

#include "emulator.h"

/* time_s is the system's time, whatever the service's clock says: signers have
 * no other. False: res is the answer. */
bool emu_authenticate(const emu_emulator *emu, const emu_request *req,
                      int64_t time_s, emu_scope *ret, emu_response *res);

#endif
