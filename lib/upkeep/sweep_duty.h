/* SPDX-License-Identifier: MIT */
/* The duties of a sweep, and what they share: the time that is left, the
 * accounts, and the lines that tell what was done. */
#ifndef STOFLOW_SWEEP_DUTY_H
#define STOFLOW_SWEEP_DUTY_H

#include "account.h"
#include "sweep.h"

enum sweep_telling {
    SWEEP_NAMED = 8 /* files that one duty tells of by name; of the others once
                     * these are mended */
};

/* The duties, in the order they are carried out. Those of the queue are in
 * sweep_queue.c, sweep_expire.c and sweep_progress.c, those that remove what
 * has had its time in sweep_prune.c and sweep_budget.c, what tells of what is
 * stuck in sweep_stuck.c. */
void sweep_verdicts(struct sweep *sweep);
void sweep_temporary(struct sweep *sweep);
void sweep_leases(struct sweep *sweep);
void sweep_drops(struct sweep *sweep);
void sweep_expired(struct sweep *sweep);
void sweep_progress(struct sweep *sweep);
void sweep_ingest(struct sweep *sweep);

/* Asks for the lists that settle what is unknown. */
void sweep_unknown(struct sweep *sweep);
void sweep_done(struct sweep *sweep);
void sweep_photos(struct sweep *sweep);
void sweep_budget(struct sweep *sweep);
void sweep_strangers(struct sweep *sweep);
void sweep_stuck(struct sweep *sweep);
void sweep_logs(struct sweep *sweep);

/* Where the last sweep stopped, and where this one has: sweep_course.c. False:
 * the last came to the end of everything, as one does of which nothing is
 * known. */
bool sweep_course_read(struct sweep *sweep);
void sweep_course_write(const struct sweep *sweep, bool goes_on);

/* To be called before each duty. */
void sweep_begin_duty(struct sweep *sweep, size_t duty);

/* Whether the time for this duty is up. */
bool sweep_is_over(const struct sweep *sweep);

/* Calls `function` for each account that has a folder in `directory`, in the
 * order of their numbers from where the last sweep stopped, for one at least,
 * as long as the time for this duty is not up. */
void sweep_each(struct sweep *sweep, enum spool_directory directory,
    account_function *function, void *context);

/* Notes what a duty met where the host is at fault, and not what was looked at:
 * memory, descriptors, how large a file may be, a disk that is full or
 * read-only. */
void sweep_met(struct sweep *sweep, enum error error);

/* spool_each_name, whose error is noted so, from where the last sweep stopped.
 * ERROR_BUSY: the time is up, and the next goes on from here; a walk behind it,
 * for the same account, then does nothing. */
enum error sweep_each_name(struct sweep *sweep, struct path folder,
    spool_name_function *function, void *context);

/* Adds "would have " where the sweep is a dry run, the text and a newline. */
void sweep_line(struct sweep *sweep, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds such a line, "VERB COUNT NOUNsREST", unless the count is 0. The noun
 * stands in the singular; `rest` begins with its blank. */
void sweep_tell_count(struct sweep *sweep, const char *verb, unsigned count,
    const char *noun, const char *rest);

/* "s" unless count is 1. */
const char *sweep_plural(unsigned count);

#endif
