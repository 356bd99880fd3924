/* SPDX-License-Identifier: MIT */
/* Idempotency-Key: a create request that may be repeated, because its client
 * does not know whether it arrived (draft-ietf-httpapi-idempotency-key-header).
 *
 * The key becomes the task's ID, so nothing else has to be remembered: the
 * task itself, in whatever state, is the proof, and holds a digest of what was
 * asked. A request that gives an ID of its own leaves a note instead, at
 * keys/42/KEY: that ID, and the digest in a second line. A key is forgotten
 * with its task (keep_done), and each user has keys of their own. */
#ifndef STOFLOW_IDEMPOTENCY_H
#define STOFLOW_IDEMPOTENCY_H

#include "account.h"
#include "draft.h"
#include "error.h"
#include "find.h"
#include "name.h"
#include "spool.h"

#include <stdbool.h>

enum idempotency_limits {
    IDEMPOTENCY_KEY_MAX = 255 /* characters */
};

/* The key of a request: HTTP_IDEMPOTENCY_KEY, NULL if there is none. */
const char *idempotency_key(char *const *environment);

/* Sets the key and the request_digest of a draft that says all that its request
 * asks for, and its ID where that is not given. The key may stand in quotes, as
 * the string of RFC 8941 that the draft has it be, or bare. ERROR_SYNTAX unless
 * it is 1 to IDEMPOTENCY_KEY_MAX printable ASCII characters, or is an unsound
 * string; ERROR_MEMORY. */
enum error idempotency_set(struct draft *draft, const char *key);

/* Whether the task at `place`, which bears the draft's ID, was made by this
 * very request: ERROR_NONE. ERROR_CONFLICT, if it was read and another request
 * made it; any other error says that it cannot be told. One that a version
 * without digests made under the key's own ID passes for it. A task that has
 * moved is found again, and *place then says where; ERROR_BUSY where it is gone
 * or moves all the time, ERROR_SYNTAX where its file is no task. */
enum error idempotency_compare(const struct account *account,
    const struct draft *draft, struct task_place *place);

/* What is noted of a key. */
enum idempotency_noted {
    IDEMPOTENCY_FREE,  /* nothing, or of a task that is gone */
    IDEMPOTENCY_OTHER, /* the ID that is asked for, but by another request, or
                        * by a version that did not note which */
    IDEMPOTENCY_OWN    /* that ID, by this very request */
};

/* Whether the draft's key is free for the task with this ID; asked while the
 * key is held (hold_take). ERROR_CONFLICT: it made another task, which there
 * still is. */
enum error idempotency_look(const struct account *account,
    const struct draft *draft, const char *id, enum idempotency_noted *noted);

/* Notes, durably, and before the task is made, that the draft's key is that of
 * its ID, and which request says so; or takes that back, where it was not made.
 */
enum error idempotency_note(
    const struct account *account, const struct draft *draft);
void idempotency_forget(
    const struct account *account, const struct draft *draft);

/* Whether the task is gone that the note `name` in keys/42/ is about. */
bool idempotency_is_outlived(const struct account *account, const char *name);

#endif
