/* SPDX-License-Identifier: MIT */
#ifndef EMU_STREAM_COMMAND_H
#define EMU_STREAM_COMMAND_H

/* ivs-emulator stream start, stream stop: a client of /_/streams of an emulator
 * that runs elsewhere. */

/* argv[0] is "stream"; the exit code. */
int emu_stream_command(int argc, char **argv);

#endif
