/* SPDX-License-Identifier: MIT */
/* The life of a CGI program: one process for one request. */
#ifndef STOFLOW_PROCESS_H
#define STOFLOW_PROCESS_H

#include "program.h"

/* Begins any program: sets the umask, gets descriptors 0 to 2 filled, and has
 * the signals ignored by which a host tells that a limit is reached, so that
 * the call that went too far fails instead, and what was done is told. */
void process_begin(void);

/* The whole of a CGI program's main, which calls it once: answers the request
 * with one of the pages, as program_answer has them, and tidies up once the
 * answer has gone out, so that a host without cron is well kept, too. Returns
 * the exit status, always 0 once an answer was made. */
int process_run(const struct page *const *pages);

#endif
