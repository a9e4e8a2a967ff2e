/* SPDX-License-Identifier: MIT */
/* Tokens, signatures and bytes that a terminal would obey stay out of logs. */

#include "redact.h"

#include <stdbool.h>
#include <string.h>

#define TOKEN_MIN 32

/* Parameters whose values are nobody else's business. */
static bool
is_secret(const char *parameter)
{
    static const char *const names[] = {
        "token=", "X-Amz-Security-Token=", "X-Amz-Signature=",
        "X-Amz-Credential="};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(parameter, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* Length of what may be a token: clients put URLs together wrongly, and then
 * one is in the path or in another parameter. 0: none; no other text of ours
 * is that long. */
static size_t
token_len(const char *text, size_t len, const char *ends)
{
    static const char header[] = "eyJ"; /* {" in base64url */
    size_t n = 0;

    if (len < TOKEN_MIN || strncmp(text, header, sizeof header - 1) != 0)
        return 0;
    while (n < len && strchr(ends, text[n]) == NULL)
        n++;
    return n < TOKEN_MIN ? 0 : n;
}

/* A target that was refused may hold any byte. */
static void
append_text(ivs_buf *b, const char *text, size_t len, char lowest)
{
    const char *ends = lowest == ' ' ? "?&=/ ,;\"'" : "?&=/";

    for (size_t i = 0; i < len; i++) {
        size_t n = token_len(text + i, len - i, ends);

        if (n > 0) {
            ivs_buf_puts(b, "(redacted)");
            i += n - 1;
        } else if (text[i] >= lowest && text[i] <= '~') {
            ivs_buf_putc(b, text[i]);
        } else {
            ivs_buf_printf(b, "\\x%02x", (unsigned char)text[i]);
        }
    }
}

void
emu_redact_text(ivs_buf *b, const char *text)
{
    append_text(b, text, strlen(text), ' ');
}

void
emu_redact_word(ivs_buf *b, const char *text)
{
    append_text(b, text, strlen(text), '!');
}

void
emu_redact_target(ivs_buf *b, const char *target)
{
    size_t len = strcspn(target, "?&");

    append_text(b, target, len, '!');
    for (target += len; *target != '\0'; target += len) {
        ivs_buf_putc(b, *target++);
        len = strcspn(target, "?&");
        if (is_secret(target)) {
            ivs_buf_append(b, target, strcspn(target, "=") + 1);
            ivs_buf_puts(b, "(redacted)");
        } else {
            append_text(b, target, len, '!');
        }
    }
}
