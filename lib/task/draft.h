/* SPDX-License-Identifier: MIT */
/* What somebody wants queued: read from a dropped file, from the body of a
 * create request and from a queued task's own file alike. */
#ifndef STOFLOW_DRAFT_H
#define STOFLOW_DRAFT_H

#include "error.h"
#include "json.h"
#include "name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Members that are not given are 0 or "", but priority, which then is
 * PRIORITY_DEFAULT, retries, which then is < 0, and params, which then is
 * "{}". */
struct draft {
    int64_t user;
    char action[ACTION_LENGTH_MAX + 1];
    char id[ID_LENGTH_MAX + 1];
    int priority;
    int timeout;    /* seconds, 1 to TIMEOUT_MAX; 0: by the action's rules */
    int attempts;   /* tries before, where a finished task is queued again */
    int retries;    /* instead of the action's; 0 also: no retry after a failure
                     * that would be worth one */
    int expires_in; /* seconds it may wait once it may be fetched */
    int64_t not_before;          /* moment before which it is not handed out */
    char key[ID_LENGTH_MAX + 1]; /* the ID that stands for its
                                  * Idempotency-Key; "": none */
    char request_digest[40 + 1]; /* of the request that bore one; "": none */
    bool finished;               /* it is the record of a task that is done */
    int64_t created;        /* moment that a queued file gives as created_at */
    struct json_value then; /* an object: the task that is to follow this one's
                             * success; or absent */
    struct json_value params; /* an object, or absent */
};

/* Which member is wrong and why; both static storage. */
struct draft_fault {
    const char *member;
    const char *reason;
};

/* A draft without anything, to be filled from elsewhere. */
void draft_init(struct draft *draft);

/* Reads the known members of `object` over what *draft holds; unknown ones
 * are ignored. ERROR_TYPE, ERROR_RANGE or ERROR_SYNTAX with *fault filled
 * when a known one is wrong; ERROR_MEMORY. */
enum error draft_read(
    struct draft *draft, struct json_value object, struct draft_fault *fault);

/* The parameters as JSON text: "{}" where none are given. */
const char *draft_params(const struct draft *draft, size_t *length);

/* Set one member, as draft_read does, from what a query string gives. `value`
 * is `length` bytes. ERROR_SYNTAX or ERROR_RANGE; the draft is then
 * unchanged. */
enum error draft_set_user(
    struct draft *draft, const char *value, size_t length);
enum error draft_set_action(
    struct draft *draft, const char *value, size_t length);
enum error draft_set_id(struct draft *draft, const char *value, size_t length);
enum error draft_set_priority(struct draft *draft, int64_t priority);
enum error draft_set_timeout(struct draft *draft, int64_t timeout);
enum error draft_set_retries(struct draft *draft, int64_t retries);
enum error draft_set_expires_in(struct draft *draft, int64_t seconds);
/* `value` is a date and time of RFC 3339. */
enum error draft_set_not_before(
    struct draft *draft, const char *value, size_t length);

/* The moment that stands as CREATED in a task's name: when it came, or when it
 * is due, if that is later. */
int64_t draft_due(const struct draft *draft, int64_t came);

#endif
