/* SPDX-License-Identifier: MIT */
/* A task: its file's name and what stands in the file. */
#ifndef STOFLOW_TASK_H
#define STOFLOW_TASK_H

#include "account.h"
#include "buffer.h"
#include "config.h"
#include "draft.h"
#include "error.h"
#include "json.h"
#include "name.h"

#include <stdint.h>

/* Name and file agree: task_load refuses a file whose action, id or user are
 * not those of its name and folder. The name decides priority and age. */
struct task {
    int64_t user;
    struct task_name name;
    struct draft draft;
    int attempts;       /* how often it was handed out, this time included */
    int timeout;        /* seconds it may run: its own, else its action's */
    int64_t claimed;    /* moment it was last claimed; 0: never. Stands as the
                         * file's mtime, since a record must tell it and a
                         * renewed deadline no longer does */
    bool is_linked;     /* the file has other names as well */
    struct buffer text; /* the file */
    struct json_document document;
};

/* Why a file is no task, for the .why beside it and for answers. */
struct task_fault {
    char reason[200];
    /* Set by task_load. */
    bool is_torn;  /* it is not JSON: as a loss of power leaves a file that was
                    * being created, which nobody was told of */
    bool is_young; /* torn, and perhaps because a person copies it just now */
};

/* Reads the file `path` of `user` whose name says *name: it was taken once, so
 * that max_body is no limit for it any more. ERROR_SYNTAX if the content is not
 * that task, ERROR_TYPE if it is no regular file, ERROR_TOO_LARGE over
 * file_no_limit, each with *fault filled; ERROR_NOT_FOUND, ERROR_MEMORY,
 * ERROR_IO. Only after ERROR_NONE the task must be freed. */
enum error task_load(const struct account *account, struct path path,
    const struct task_name *name, struct task *task, struct task_fault *fault);
void task_free(struct task *task);

/* Whether this host lets a task's file of `length` bytes be, and its record,
 * whatever becomes of it short of a large result. ERROR_FILE_LIMIT if not. */
enum error task_check_length(size_t length);

/* Whether this error of task_load is the file's own: it is no task, and will be
 * none when it is read again. */
bool task_is_spoilt(enum error error);

/* Whether its file is the record of a try that was retried, which is what a
 * retry renames: until done/USER has been fsynced, power loss may bring that
 * back. */
bool task_is_retried(const struct task *task);

/* What can be told of a task from its name alone, for one whose file somebody
 * has spoilt: no parameters, and nobody knows when it was claimed. */
void task_from_name(struct task *task, const struct account *account,
    const struct task_name *name);

/* Parses text as one JSON object, by the limits of our own files, and reads the
 * draft in it. ERROR_SYNTAX with *fault filled, ERROR_TOO_LARGE (*fault
 * filled), ERROR_MEMORY. After an error nothing needs freeing. `unparsable`
 * (may be NULL) tells whether the text was not JSON at all, as a file that is
 * still being copied. */
enum error task_parse(const struct buffer *text, struct json_document *document,
    struct draft *draft, struct task_fault *fault, bool *unparsable);

/* Says that the task was met in pending/: it has been handed out once less,
 * and if never, it was never claimed. */
void task_set_pending(struct task *task);

/* When the task was created. The name of one that was scheduled, or is to be
 * tried again later, says when it is due; then this stands in its file alone.
 * Where it does not, the name's moment is what is known. */
int64_t task_created_at(
    const struct task_name *name, const struct draft *draft);

/* Until when a queued task may be fetched: `expire` of its action and its own
 * `expires_in`, whichever ends first. Both count from the CREATED in its name,
 * which of a scheduled task is the moment it is due. First by its name alone,
 * which does not tell the second; INT64_MAX: for ever. */
int64_t task_expiry_by_rule(
    const struct config *config, const struct task_name *name);
int64_t task_expiry(const struct config *config, const struct task *task);

/* The members every form of a task has, task_id to created_at, one a line,
 * without the braces: what an API create writes and what records begin with.
 * A `timeout` of 0 is left out. */
void task_write_members(struct buffer *out, int64_t user,
    const struct task_name *name, const struct draft *draft, int timeout);

#endif
