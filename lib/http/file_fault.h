/* SPDX-License-Identifier: MIT */
/* An error that a file or folder of the spool met: the answer names it, and so
 * does what the log, the sweeper and health say of it, since who is to mend it
 * must find it. */
#ifndef STOFLOW_FILE_FAULT_H
#define STOFLOW_FILE_FAULT_H

#include "error.h"
#include "path.h"
#include "program.h"

/* Sets the problem of an error, as body_set_error does. Where it may be the
 * file's own, that is named, and noted as stuck; or rather a folder that
 * refuses, where there is one. */
void file_fault_set(struct program *program, enum error error, struct path path,
    const char *doing);

/* The same where no file is known. */
void file_fault_set_folder(
    struct program *program, enum error error, const char *doing);

/* The same of the file of the request's task, program->id. */
void file_fault_set_task(
    struct program *program, enum error error, const char *doing);

#endif
