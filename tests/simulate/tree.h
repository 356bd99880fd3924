/* SPDX-License-Identifier: MIT */
/* A spool as it stands at one quiet moment, read by doc/spool.md. */
#ifndef SIMULATE_TREE_H
#define SIMULATE_TREE_H

#include "grammar.h"
#include "pool.h"
#include "table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct complaints;
struct value;

/* Which state a task is in; a later one comes before an earlier. */
enum place {
    PLACE_NONE,
    PLACE_PENDING,
    PLACE_EXECUTING,
    PLACE_FAILED,
    PLACE_COMPLETED
};

enum declared {
    DECLARED_NOTHING,
    DECLARED_TIMEOUT,
    DECLARED_EXPIRED,
    DECLARED_CANCELLED,
    DECLARED_SETTLED, /* what became of it was found out later */
    DECLARED_OTHERWISE
};

const char *place_text(enum place place); /* as `status` has it */
const char *declared_text(enum declared declared);

/* What a file that is a task says of it. */
struct task_facts {
    uint64_t content; /* of its action and params; 0: not known */
    uint64_t outcome; /* of a record that nobody declared; else 0 */
    enum declared declared;
    bool started;       /* a record whose started_at is not null */
    int64_t retries;    /* -1: its action's */
    bool expires;       /* it has an expires_in */
    int64_t timeout;    /* seconds; 0: its action's */
    const char *action; /* NULL: none */
};

/* Of an object in a file or an answer. */
struct task_facts task_facts_of(struct pool *pool, const struct value *object);

uint64_t task_content(const char *action, const struct value *params);

/* What a result says; `error` only if it is no success. */
uint64_t task_outcome(
    bool success, const struct value *data, const char *error);

struct tree_task {
    int64_t user;
    const char *id;
    enum place place;
    const char *path;           /* from the spool on */
    struct name_parts parts;    /* what its name says */
    const struct value *object; /* NULL: it is no JSON object */
    struct task_facts facts;
    uint64_t bytes; /* digest of the file */
    /* Another file of it in the same folder, as power loss may leave; NULL:
     * none. Which of them whoever meets the task goes by, is not known. */
    const struct tree_task *other;
};

/* A file in pending/ that is no task yet, or one in rejected/. */
struct tree_drop {
    int64_t user; /* of its folder; 0: pending/ itself, rejected/ */
    const char *path;
    uint64_t bytes;
};

/* A name that bears a user and an ID. */
struct tree_mark {
    int64_t user;
    const char *id;
    const char *path;
    const struct value *object; /* of a .verdict, of an .aside */
};

struct tree {
    struct pool *pool;
    struct complaints *faults; /* what breaks an invariant */
    struct complaints *debris; /* what a sweep has to clear */
    struct table by_id;        /* positions + 1 in it */
    struct pool_list tasks;    /* struct tree_task: the truth of each ID */
    struct pool_list drops, rejected; /* struct tree_drop */
    /* struct tree_mark: */
    struct pool_list marks, unknown, ingest, verdicts, asides;
    struct pool_list twice; /* struct tree_mark: IDs that have two names */
    /* struct tree_task: names that the power has left without their content,
     * where they were or, with user 0, in rejected/. */
    struct pool_list husks;
    /* IDs that a person has copied: that there are two names is no fault. */
    bool (*is_excused)(const void *context, int64_t user, const char *id);
    /* Whether a file may have the mode that a person gave it. */
    bool (*may_keep_mode)(const void *context, uint64_t bytes);
    /* IDs of which a loss of power may have left two names in one folder. */
    bool (*may_be_twice)(const void *context, int64_t user, const char *id);
    const void *context;
    bool lossy;      /* the power went: both names of a rename may be there */
    bool clock_set;  /* what is new may have been taken for an hour old */
    bool has_spoilt; /* a person has made some file unreadable, or the like */
};

/* `tree` with all but its lists set. */
void tree_read(struct tree *tree);

const struct tree_task *tree_find(
    const struct tree *tree, int64_t user, const char *id);
const struct tree_task *tree_find_husk(
    const struct tree *tree, int64_t user, const char *id);
const struct tree_mark *tree_find_mark(
    const struct pool_list *list, int64_t user, const char *id);

/* --- For invariants.c ----------------------------------------------------- */

bool tree_is_excused(const struct tree *tree, const struct tree_task *task);

/* "pending/42/x.json" */
const char *tree_path(struct tree *tree, const char *folder, const char *name);

/* A file of the spool as an object; NULL, and a fault, if it is none. */
const struct value *tree_object(struct tree *tree, const char *path);

/* Calls `visit` for each name in a folder of the spool; "": the spool. */
struct stat;
typedef void tree_visit(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status);
void tree_each(
    struct tree *tree, int64_t user, const char *folder, tree_visit *visit);
/* For each name in each user's folder of `place`. */
void tree_each_user(struct tree *tree, const char *place, tree_visit *visit);

/* Whether it is a regular file of mode 0600; a fault if it is not. */
bool tree_check_file(
    struct tree *tree, const char *path, const struct stat *status);

#endif
