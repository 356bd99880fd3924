/* SPDX-License-Identifier: MIT */
/* A task: its file's name and what stands in the file. */
#ifndef STOFLOW_TASK_H
#define STOFLOW_TASK_H

#include "buffer.h"
#include "draft.h"
#include "error.h"
#include "json.h"
#include "name.h"
#include "spool.h"

#include <stddef.h>
#include <stdint.h>

/* Name and file agree: task_load refuses a file whose action, id or user are
 * not those of its name and folder. The name decides priority and age. */
struct task {
    int64_t user;
    struct task_name name;
    struct draft draft;
    int64_t modified; /* moment the file was last touched: for an executing
                       * task, when it was claimed */
    struct buffer text; /* the file */
    struct json_document document;
};

/* Why a file is no task, for the .why beside it and for answers. */
struct task_fault {
    char reason[200];
};

/* Reads the file `path` of `user` whose name says *name. ERROR_SYNTAX with
 * *fault filled if the content is not that task; ERROR_TYPE if it is no
 * regular file; ERROR_TOO_LARGE over `limit` bytes; ERROR_NOT_FOUND,
 * ERROR_MEMORY, ERROR_IO. Only after ERROR_NONE the task must be freed. */
enum error task_load(const struct spool *spool, struct path path, int64_t user,
    const struct task_name *name, size_t limit, struct task *task,
    struct task_fault *fault);
void task_free(struct task *task);

/* Parses text as one JSON object and reads the draft in it. ERROR_SYNTAX with
 * *fault filled, ERROR_TOO_LARGE (too deep, too many values; *fault filled),
 * ERROR_MEMORY. After an error nothing needs freeing. `unparsable` (may be
 * NULL) tells whether the text was not JSON at all, as a file that is still
 * being copied. */
enum error task_parse(const struct buffer *text,
    struct json_document *document, struct draft *draft,
    struct task_fault *fault, bool *unparsable);

/* How many times the task was handed out, this time included. */
int task_attempts(const struct task *task);

/* The members every form of a task has, task_id to created_at, one a line,
 * without the braces: what an API create writes and what records begin with. */
void task_write_members(struct buffer *out, int64_t user,
    const struct task_name *name, const struct draft *draft, int timeout);

#endif
