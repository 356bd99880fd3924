/* SPDX-License-Identifier: MIT */
/* The root: the folder that holds etc/ and spool/. */
#ifndef STOFLOW_ROOT_H
#define STOFLOW_ROOT_H

#include "buffer.h"
#include "error.h"

/* Finds it, in this order:
 *   1. the environment's STOFLOW_ROOT, if set (suexec and the like drop it);
 *   2. the first line of the file stoflow.root beside the program, an
 *      absolute path;
 *   3. the parent of the folder that holds the program, so that a program in
 *      ROOT/cgi-bin finds ROOT.
 * ERROR_NOT_FOUND if the program cannot tell where it stands; ERROR_SYNTAX if
 * what it found is not an absolute path; ERROR_MEMORY. */
enum error root_find(char *const *environment, struct buffer *root);

/* The folder that holds the running program. Errors as above. */
enum error root_program_folder(char *const *environment, struct buffer *folder);

#endif
