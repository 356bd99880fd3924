/* SPDX-License-Identifier: MIT */
/* Idempotency-Key: a create request that may be repeated, because its client
 * does not know whether it arrived.
 *
 * The key becomes the task's ID, so nothing else has to be remembered: the
 * task itself, in whatever state, is the proof. It is forgotten when its
 * record is (keep_done). */
#ifndef STOFLOW_IDEMPOTENCY_H
#define STOFLOW_IDEMPOTENCY_H

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

/* The ID that stands for a key. ERROR_SYNTAX unless the key is 1 to
 * IDEMPOTENCY_KEY_MAX printable ASCII characters. */
enum error idempotency_id(const char *key, char id[ID_LENGTH_MAX + 1]);

/* Whether the task at `place` is what the draft asks for: the same action,
 * priority, parameters (white space aside), not_before, expires_in and
 * retries. False also if it cannot be read. */
bool idempotency_agrees(const struct spool *spool,
    const struct task_place *place, const struct draft *draft);

#endif
