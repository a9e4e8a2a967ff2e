/* SPDX-License-Identifier: MIT */
#ifndef EMU_REDACT_H
#define EMU_REDACT_H

/* What strangers wrote, fit for a log: visible ASCII, and no tokens. */

#include "base/buf.h"

/* Append a sentence; spaces stay. */
void emu_redact_text(ivs_buf *b, const char *text);
/* Append one word: what is no visible ASCII is escaped. */
void emu_redact_word(ivs_buf *b, const char *text);
/* Append a request target without the values of secret parameters. */
void emu_redact_target(ivs_buf *b, const char *target);

#endif
