/* SPDX-License-Identifier: MIT */
/* The life of a CGI program: one process for one request. */
#ifndef STOFLOW_PROCESS_H
#define STOFLOW_PROCESS_H

#include "program.h"

/* The whole of a CGI program's main, which calls it once: answers the request
 * with one of the pages, as program_answer has them, and tidies up once the
 * answer has gone out, so that a host without cron is well kept, too. Returns
 * the exit status, always 0 once an answer was made. */
int process_run(const struct page *const *pages);

#endif
