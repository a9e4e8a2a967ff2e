/* SPDX-License-Identifier: MIT */
#ifndef EMU_CERTIFICATE_H
#define EMU_CERTIFICATE_H

/* A certificate for TLS, made anew at each start: P-256, for 127.0.0.1, ::1,
 * localhost and the host that is listened on. It is signed by an authority of
 * its own, whose key is gone before anybody is served. */

#include <ivs/error.h>

#include "base/buf.h"

typedef struct emu_certificate {
    ivs_buf authority; /* PEM, what clients are to trust */
    ivs_buf own;       /* PEM */
    ivs_buf key;       /* PEM, secret */
} emu_certificate;

/* host is a name or a numeric address. To be freed whatever comes of it. */
ivs_status emu_certificate_make(const char *host, emu_certificate *ret,
                                ivs_error *err);
void emu_certificate_free(emu_certificate *certificate);

#endif
