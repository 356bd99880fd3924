/* SPDX-License-Identifier: MIT */
/* The names of tasks: a task's place and name are its state.
 *
 *   queued     RANK-CREATED-ACTION-ID[.rN].json
 *   executing  DEADLINE-LEASE-RANK-CREATED-ACTION-ID[.rN].json
 *   done       ID.completed.json, ID.failed.json
 *
 * RANK is 999 minus the priority in three digits and CREATED a stamp
 * (clock.h), so ls shows dispatch order. Only an ID may hold a '-', so a name
 * parses from the left. N counts how often the task was requeued. */
#ifndef STOFLOW_NAME_H
#define STOFLOW_NAME_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum name_sizes {
    ACTION_LENGTH_MAX = 50,
    ID_LENGTH_MAX = 64,
    LEASE_LENGTH_MAX = 32,
    RECEIVE_ID_LENGTH_MIN = 8,
    NAME_LENGTH_MAX = 240 /* more than the longest executing name */
};

enum name_limits {
    PRIORITY_MAX = 999,
    PRIORITY_DEFAULT = 1,
    GENERATION_MAX = 9999 /* requeues that a name can count */
};

/* What a queued name says. */
struct task_name {
    int priority;    /* 0 to PRIORITY_MAX, higher first */
    int64_t created; /* moment */
    char action[ACTION_LENGTH_MAX + 1];
    char id[ID_LENGTH_MAX + 1];
    int generation; /* 0: never requeued */
};

/* What an executing name says. */
struct lease_name {
    int64_t deadline; /* moment */
    char lease[LEASE_LENGTH_MAX + 1];
    struct task_name task;
};

struct name {
    char text[NAME_LENGTH_MAX];
};

/* ERROR_SYNTAX if the whole of text is not such a name. */
enum error name_parse_queued(const char *text, struct task_name *task);
enum error name_parse_executing(const char *text, struct lease_name *lease);

struct name name_format_queued(const struct task_name *task);
struct name name_format_executing(const struct lease_name *lease);
struct name name_format_done(const char *id, bool completed);

/* The same for the name of a record in done/. */
enum error name_parse_done(
    const char *text, char id[ID_LENGTH_MAX + 1], bool *completed);

/* The grammars: [a-z0-9_]{1,50}, [A-Za-z0-9_-]{1,64}, [a-z0-9]{1,32}, and for
 * receive_id [a-z0-9]{8,32}. `length` bytes; a NUL among them fails. */
bool action_is_valid(const char *text, size_t length);
bool id_is_valid(const char *text, size_t length);
bool lease_is_valid(const char *text, size_t length);
bool receive_id_is_valid(const char *text, size_t length);

/* The leases under which a pending task is taken out of the queue in order to
 * be ended: no plugin has it. They are shorter than any that a poll can have.
 */
#define LEASE_EXPIRED "expired"
#define LEASE_CANCELLED "cancel"
bool lease_is_withdrawal(const char *lease);

/* Whether a file name ends in .json and does not start with a dot: only such
 * a file can be a task. */
bool name_is_json(const char *text);

#endif
