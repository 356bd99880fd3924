/* SPDX-License-Identifier: MIT */
/* The names in a spool as doc/spool.md and stoflow-spool(5) have them, by code
 * of the checker's own. */
#ifndef SIMULATE_GRAMMAR_H
#define SIMULATE_GRAMMAR_H

#include <stdbool.h>
#include <stdint.h>

/* What a name says; what it does not say is 0 or "". Moments are nanoseconds
 * since 1970. */
struct name_parts {
    char id[65], action[51], lease[33];
    int rank, generation;
    int64_t created, deadline;
};

bool grammar_user(const char *name, int64_t *user);
bool grammar_action(const char *name);
bool grammar_is_id(const char *text);

bool grammar_queued(const char *name, struct name_parts *parts);
bool grammar_executing(const char *name, struct name_parts *parts);
bool grammar_done(const char *name, struct name_parts *parts, bool *completed);
bool grammar_unknown(const char *name, struct name_parts *parts);
bool grammar_ingest(const char *name, struct name_parts *parts);
/* `cancel`: it is a mark of a cancel, else what was said last. */
bool grammar_progress(const char *name, struct name_parts *parts, bool *cancel);

/* Of progress/: ID.failure, why a task was put off. */
bool grammar_failure(const char *name, struct name_parts *parts);

/* Of progress/: NAME.leases, of a queued NAME.rN.json. */
bool grammar_leases(const char *name, struct name_parts *parts);

/* Of tmp/: USER-ID.verdict and USER-ID.hold. */
bool grammar_word(const char *name, const char *suffix, int64_t *user,
    struct name_parts *parts);
/* USER-ID.PID.TIME.aside */
bool grammar_aside(const char *name, int64_t *user, struct name_parts *parts);

/* "2026-11-22T07:17:01.943680Z", and with any fraction or none. */
bool grammar_moment(const char *text, int64_t *moment);

#endif
