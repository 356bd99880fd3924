/* SPDX-License-Identifier: MIT */
/* The one table of error answers (RFC 9457): each has a stable code. */
#ifndef STOFLOW_PROBLEM_H
#define STOFLOW_PROBLEM_H

#include "error.h"
#include "reply.h"

enum problem {
    PROBLEM_BAD_REQUEST,     /* 400: query or headers make no sense */
    PROBLEM_MALFORMED_JSON,  /* 400 */
    PROBLEM_TRUNCATED_BODY,  /* 400: shorter than Content-Length */
    PROBLEM_BAD_LENGTH,      /* 400: Content-Length is no number */
    PROBLEM_TOKEN_MISSING,   /* 401 */
    PROBLEM_TOKEN_INVALID,   /* 401: unknown, revoked or malformed */
    PROBLEM_TOKEN_EXPIRED,   /* 401 */
    PROBLEM_WRONG_SCOPE,     /* 403 */
    PROBLEM_WRONG_USER,      /* 403: user_id is not the token's */
    PROBLEM_ORIGIN,          /* 403: a preflight from an origin not listed */
    PROBLEM_UNKNOWN_ROUTE,   /* 404 */
    PROBLEM_UNKNOWN_TASK,    /* 404 */
    PROBLEM_UNKNOWN_PHOTO,   /* 404 */
    PROBLEM_METHOD,          /* 405, with Allow */
    PROBLEM_TASK_EXISTS,     /* 409: create with an ID that is taken */
    PROBLEM_RESULT_CONFLICT, /* 409: contradicts the recorded result */
    PROBLEM_LEASE_LOST,      /* 409: the lease is not the task's (any more) */
    PROBLEM_AMBIGUOUS_TASK,  /* 409: several users have this ID */
    PROBLEM_TASK_FINISHED,   /* 409: too late to cancel it */
    PROBLEM_UNFINISHED,      /* 409: too early to retry it */
    PROBLEM_NOT_REPEATABLE,  /* 409: a retry could do it twice */
    PROBLEM_OUTCOME_KNOWN,   /* 409: there is nothing to settle */
    PROBLEM_LENGTH_REQUIRED, /* 411 */
    PROBLEM_TOO_LARGE,       /* 413 */
    PROBLEM_TOO_LARGE_HERE,  /* 413: more than a limit of this host lets be */
    PROBLEM_IMAGE,           /* 415: no image of a kind that is taken */
    PROBLEM_INVALID_FIELD,   /* 422: missing, wrong type or out of range */
    PROBLEM_KEY_REUSED,      /* 422: Idempotency-Key of another request */
    PROBLEM_CONFIGURATION,   /* 500: etc/stoflow.ini or the root is wrong */
    PROBLEM_HOST_LIMIT,      /* 500: a limit of this host is too low for it */
    PROBLEM_SPOILT_FILE,    /* 500: a file of the spool is not as we wrote it */
    PROBLEM_PLUGIN_FAILED,  /* 502: the plugin could not do it */
    PROBLEM_PLUGIN_MISSING, /* 503: no plugin polls, with Retry-After */
    PROBLEM_UNAVAILABLE,    /* 503: temporary, with Retry-After */
    PROBLEM_PLUGIN_TIMEOUT, /* 504: it did not answer in time */
    PROBLEM_NO_SPACE,       /* 507: with Retry-After */
    PROBLEMS                /* how many there are */
};

struct problem_row {
    enum problem problem;
    int status;
    const char *code;  /* stable: clients may compare it */
    const char *title; /* the same in every answer with this code */
};

extern const struct problem_row problem_rows[PROBLEMS];

/* Makes the reply this problem. `format` gives the detail: what and where,
 * for a person. */
void problem_set(struct reply *reply, enum problem problem, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Makes the reply what an error of the spool means to a client: 507 for a full
 * disk, 500 for what will not be better later, else 503. `doing` says what
 * failed. */
void problem_set_error(
    struct reply *reply, enum error error, const char *doing);

/* Sets the problem "NAME REASON.", of a parameter or a member of the body, and
 * returns false. */
bool problem_refuse(struct reply *reply, const char *name, const char *reason);

#endif
