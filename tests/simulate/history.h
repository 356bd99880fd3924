/* SPDX-License-Identifier: MIT */
/* What clients asked and were answered, what persons did, and in which order.
 * checker.h has what others call; this is for the rest of the checker. */
#ifndef SIMULATE_HISTORY_H
#define SIMULATE_HISTORY_H

#include "checker.h"
#include "complaints.h"
#include "pool.h"
#include "tree.h"

enum verb {
    VERB_OTHER, /* nothing follows from it for any task */
    VERB_CREATE,
    VERB_POLL,
    VERB_RESULT,
    VERB_PROGRESS,
    VERB_SHOW,
    VERB_LIST,
    VERB_CANCEL,
    VERB_RETRY,
    VERB_SYNC,
    VERB_EXECUTE,
    VERB_PAUSE,
    /* Of persons. They are done at the moment of their begin. */
    VERB_DROP,   /* a file comes to pending/ */
    VERB_UNDROP, /* and goes */
    VERB_TAKE,   /* a name of a task goes */
    VERB_RENAME, /* a queued name becomes another queued name */
    VERB_MARK,
    VERB_UNMARK,
    VERB_LOSS /* of power */
};

enum failure {
    FAILURE_FINAL,
    FAILURE_UNSENT,    /* any task may be put off */
    FAILURE_REPEATABLE /* one that may be repeated */
};

struct listed {
    const char *id;
    enum place place;
    enum declared declared;
};

/* A file that came to pending/ by hand. */
struct drop {
    int64_t user;
    const char *id;   /* NULL: a new one */
    const char *path; /* from the spool on, to which it came */
    uint64_t bytes;   /* digest of it */
    struct task_facts facts;
    int generation; /* it was taken back from a plugin */
    bool fit;       /* it is an object with an action and a user */
    bool refused;   /* one of these bytes was, by a program with a limit */
    bool taken;     /* it may be gone: by a person, with the power, or as a
                       task whose ID another has now */
    uint64_t came;  /* when, in events */
};

struct operation {
    struct history *history;
    enum verb verb;
    uint64_t begun, ended; /* in events; ended 0: not yet */
    uint64_t began_step, ended_step;
    int64_t began_at, ended_at; /* ns since 1970 */
    int64_t user;               /* 0: whoever has such a task */
    const char *id;             /* as asked or, of a create or poll, answered */
    uint64_t asked_id;          /* digest of the ID that was asked for */
    bool id_is_given;           /* as asked */
    const char *key;            /* Idempotency-Key */
    const char *words;          /* "POST /tasks/create" */
    int status;                 /* 0: no answer */
    bool struck;

    /* What was asked. */
    uint64_t lease; /* digest of `lease`, `receive_id`; 0: none */
    const char *lease_text;
    struct task_facts facts; /* of a create */
    uint64_t outcome;        /* of a result */
    enum failure failure;
    bool success, force, whole; /* whole: a list without limits */
    int64_t delay;              /* a task may be due later */

    /* What was answered. */
    const struct value *answer;
    const char *code; /* of a problem */
    enum place place;
    bool cancel; /* of a progress */
    uint64_t answered_lease;
    int64_t deadline;        /* of a lease that was given or renewed */
    struct pool_list listed; /* struct listed */

    /* Of a hand. */
    size_t drop;             /* VERB_DROP: its number */
    struct name_parts parts; /* VERB_TAKE, VERB_RENAME */
    bool paused;             /* the queue was, all the time */
    bool not_paused;         /* it was not, at either end */
    uint64_t pause_inode;
};

/* What is known of all tasks of one content. */
struct known {
    struct task_facts facts;
    bool complete; /* from the task itself, not from an answer */
    bool of_setup; /* it was there at the start */
    bool mixed;    /* there are several, which are not alike */
};

struct lease_given {
    int64_t user;
    uint64_t lease;
    const char *id;
    const struct operation *operation;
};

struct history {
    struct pool *pool;           /* of a schedule */
    struct pool *words;          /* of a look */
    struct pool_list operations; /* struct operation * */
    struct pool_list drops;      /* struct drop */
    struct pool_list leases;     /* struct lease_given */
    struct pool_list threads;    /* struct thread *: model.h */
    struct table thread_by_id;   /* positions + 1 in `threads` */
    struct table facts_by_content;
    struct pool_list facts;   /* struct known */
    struct pool_list spoilt;  /* struct tree_mark: IDs not judged any more */
    struct pool_list twice;   /* the same: a loss of power left two names */
    struct complaints *early; /* found while answers came */
    struct complaints early_memory;
    char early_text[4096];
    uint64_t events;
    size_t looked;        /* operations that the last look has judged */
    int64_t clock_offset; /* realtime less monotonic */
    bool clock_set;       /* since the last look */
    bool clock_ever_set;
    int64_t clock_seen; /* the last look after it was; 0: never */
    bool struck;        /* somebody was killed or struck, ever */
    bool interrupted;   /* and not just by a loss of power while nobody ran */
    bool closed;        /* a person has spoilt a drop of which no ID is known */
    bool lossy;         /* power was lost since the last look */
    bool ever_lossy;
    bool unlocked;        /* a person has deleted in index/ */
    bool keys_before;     /* tasks were there that Idempotency-Keys had made */
    int64_t started_at;   /* ns since 1970 */
    const char *settings; /* text of stoflow.ini; NULL: none */
};

/* Where the rest of a path from "/root/spool/" on begins; NULL: elsewhere. */
const char *history_inside(const char *path);

/* The operations in the order of their begins, 0 to operations.count - 1. */
struct operation *history_operation(const struct history *history, size_t i);

/* A new operation that begins now. */
struct operation *history_add(struct history *history, enum verb verb);
void history_end(struct operation *operation);

/* That ID is not judged any more. */
void history_spoil(struct history *history, int64_t user, const char *id);
bool history_is_spoilt(
    const struct history *history, int64_t user, const char *id);

struct known *history_learn(
    struct history *history, const struct task_facts *facts, bool complete);
/* NULL: nothing. */
const struct known *history_known(
    const struct history *history, uint64_t content);

/* A number of stoflow.ini: of [all] or of the action. */
int64_t history_setting(const struct history *history, const char *action,
    const char *key, int64_t other);
/* Whether any line begins so. */
bool history_has_setting(const struct history *history, const char *begin);
/* Whether any section sets this key to something else than 0. */
bool history_is_set(const struct history *history, const char *key);

/* Whether tasks of that action may be repeated: 1, 0, or -1: that depends. */
int history_is_repeatable(const char *action);

/* Whether an ID is as programs make it of an Idempotency-Key. */
bool history_is_of_key(const char *id);

/* Whether a client, or a person's file, gives an ID that the key of another
 * client makes. The file of that task tells of no request, as one of an older
 * version, and so any is its own. */
bool history_disguises(const struct operation *operation);

/* Whether it was answered by a problem of that code. */
bool history_has_code(const struct operation *operation, const char *code);

/* That task in a list's answer, from the `from`th on; NULL: it is not there. */
const struct listed *history_find_listed(
    const struct operation *operation, const char *id, size_t from);

/* Whether it came to pending/ itself. */
bool history_is_of_top(const struct drop *drop);

/* Whether a file of these bytes is that drop which has gone back to pending/
 * itself, whence it came, since it could not be made safe: with the name that
 * it was to have in the queue. */
bool history_went_back(
    const struct drop *drop, const char *path, uint64_t bytes);

/* For complaints: what it was, when, and what was answered. */
const char *history_words(struct pool *pool, const struct operation *operation);

/* answer.c: takes from the answer what it says. */
void answer_take(struct operation *operation, const char *body, size_t length);

/* request.c: what the request asks. */
void request_take(struct operation *operation, const struct request *request);

#endif
