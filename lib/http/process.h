/* SPDX-License-Identifier: MIT */
/* The life of a CGI program: one process for one request. */
#ifndef STOFLOW_PROCESS_H
#define STOFLOW_PROCESS_H

#include "program.h"

#include <stdbool.h>

enum {
    PROCESS_TEMPORARY = 111 /* exit status: try again later */
};

/* What an answer left to do. */
struct process_work {
    bool ingest;  /* results are to be taken in */
    bool refresh; /* the deep queue is to be read again */
    bool census;  /* what lies in the spool is to be counted anew */
    bool backlog; /* what awaits the plugin likewise */
    bool sweep;   /* the last one is `sweep_every` ago */
};

/* Begins any program: sets the umask, gets descriptors 0 to 2 filled, and has
 * the signals ignored by which a host tells that a limit is reached, so that
 * the call that went too far fails instead, and what was done is told. */
void process_begin(void);

/* The same for root by hand over a spool of another's: spool_owner_become.
 * False after having said on standard error why not; then end, before anything
 * is read or made. */
bool process_become_owner(const char *program, const char *root);

/* The same for whoever a server runs as root, told by the environment of the
 * request which root that is. What cannot be found, the answer will say. */
bool process_leave_root(char *const *environment);

/* For gateway.begin: from here on the process works alone, and not for long:
 * past PROGRAM_ALARM, when it is ended, it must not come upon files that the
 * sweeper takes for debris. */
void process_begin_work(void);

/* Forks a process of its own session for what the answer left to do, if it
 * did. `leave`, which may be NULL, is called in it once that has descriptors 0
 * to 2 no more. */
void process_work_behind(
    const struct program *program, void (*leave)(void *context), void *context);

/* The whole of a CGI program's main, which calls it once: answers the request
 * with one of the pages, as program_answer has them, and tidies up once the
 * answer has gone out, so that a host without cron is well kept, too. Returns
 * the exit status, always 0 once an answer was made, and 111 where it is root's
 * and cannot become the spool's owner. */
int process_run(const struct page *const *pages);

/* The part of it that a process of its own does, behind the answer, for whoever
 * has the processes in his own hands: what there is to do, which is nothing
 * where the configuration leaves it to the sweeper; and that done. */
struct process_work process_find_work(const struct program *program);
bool process_has_work(struct process_work work);
void process_do_work(const struct program *program, struct process_work work);

#endif
