/* SPDX-License-Identifier: MIT */
#ifndef EMU_FILES_H
#define EMU_FILES_H

/* How many files the process may have open. Usually a low limit can be raised:
 * it is there for programs that use select(). */

#include <sys/resource.h>

/* Raise it as far as it goes, from one thread. What it is then. */
rlim_t emu_files_raise(void);
/* In a child: what it was, for the program it becomes. */
void emu_files_give_back(void);

#endif
