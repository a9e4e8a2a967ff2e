/* SPDX-License-Identifier: MIT */
#ifndef IVS_CLI_COMPLETION_H
#define IVS_CLI_COMPLETION_H

/*
 * Completion: each shell has functions of its own, which are the same for any
 * tables, and one function made of the rows, which they call.
 */

struct completion_shell {
    const char *name;
    const char *head;  /* before the function of the rows */
    const char *open;  /* that function, and a switch over the words given */
    const char *label; /* before the words of a branch */
    const char *label_end;
    const char *branch_end;
    const char *close;
    const char *tail; /* after the function */
};

extern const struct completion_shell
    completion_shells[]; /* ends with name NULL */

#endif
