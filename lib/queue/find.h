/* SPDX-License-Identifier: MIT */
/* Finding a task by its ID, and keeping an ID for oneself meanwhile. */
#ifndef STOFLOW_FIND_H
#define STOFLOW_FIND_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "record.h"
#include "spool.h"

#include <stdbool.h>

enum task_state {
    TASK_PENDING,
    TASK_EXECUTING,
    TASK_COMPLETED,
    TASK_FAILED
};

/* Where a task is. A task with entries in several directories, as a crash may
 * leave it, is done before executing before pending. */
struct task_place {
    enum task_state state;
    struct path path;
    struct lease_name lease; /* executing: all of it; pending: lease.task */
    bool by_hand;            /* pending, see find_task: lease says nothing */
};

/* "pending", "executing", "completed", "failed". */
const char *task_state_text(enum task_state state);

/* Where the task lies, looking in one place. ERROR_NOT_FOUND, or what
 * readdir(3) said. `id` has passed id_is_valid. */
enum error find_done(
    const struct account *account, const char *id, struct task_place *place);
enum error find_executing(
    const struct account *account, const char *id, struct task_place *place);
enum error find_pending(
    const struct account *account, const char *id, struct task_place *place);

/* Whether a task is done: asked here and nowhere else, before a step that must
 * not be taken on one that is. There are three answers, and the one to go on
 * with is the plain one:
 *   ERROR_NONE    no
 *   ERROR_EXISTS  yes: done/ has a record of it
 *   any other     it cannot be told, and why; so the step is not taken either
 * It is asked for a word that is to be given (WORD_DECLARED: for any step): one
 * that gives way to that does not stand, and is answered as "no". */
enum error find_undone(
    const struct account *account, const char *id, enum record_word word);

/* tmp/USER-ID.verdict: the word that is being given on a task at this moment,
 * or was when a program died (lifecycle/verdict.h). */
extern const char find_verdict_suffix[];
struct path find_verdict_place(const struct account *account, const char *id);

/* Whether none is being given. ERROR_BUSY: one is, and it will be done; any
 * other: that cannot be told. */
enum error find_unspoken(const struct account *account, const char *id);

/* Looks everywhere, in the order in which tasks move and then once more, and
 * all over again where names have come or gone meanwhile, so that one that
 * moves, and be it back, is not missed. Nor is one that a person has moved back
 * to pending/USER and no poll has queued yet: it is there under the name that
 * it had in executing/ or done/, and `by_hand`. ERROR_NOT_FOUND costs two
 * fstatat(2), and where names came or went a moment ago another round; it is
 * certain only while the ID is held. Where other machines may share the spool
 * (spool_shared.h) it costs four rounds always. */
enum error find_task(
    const struct account *account, const char *id, struct task_place *place);

/* Looks for the user whose task it is, and makes the account theirs: among the
 * executing ones, and only if there is none among the finished, then the
 * pending ones, and then once more where a task moves to; and all over again
 * as above. ERROR_NOT_FOUND;
 * ERROR_CONFLICT if several users have a task with this ID there. A folder that
 * cannot be looked through is passed over where the task is in that of another;
 * else ERROR_* of readdir(3), and the account is made that whose folder it is,
 * if one user's. */
enum error find_owner(struct account *account, const char *id);

#endif
