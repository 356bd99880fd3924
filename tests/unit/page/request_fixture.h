/* SPDX-License-Identifier: MIT */
/* Whole requests, answered in this process by the pages, and what a client is
 * told where a call of the C library fails meanwhile. */
#ifndef STOFLOW_REQUEST_FIXTURE_H
#define STOFLOW_REQUEST_FIXTURE_H

#include "fault.h"
#include "ingest_fixture.h"
#include "program.h"
#include "task_fixture.h"

#include <stdbool.h>

enum {
    ANSWER_SIZE = 60000
};

/* What a client reads: it was checked that its length is the one announced,
 * and that what is called JSON is JSON; of a problem, with the same status. */
struct answer {
    int status;
    char code[40]; /* of a problem; else "" */
    char headers[1000];
    char body[ANSWER_SIZE];
};

/* A request, OPTIONS being a preflight of GET, by a token of user 42 that may
 * do everything but sweep, unless `token` says "plugin", "cron", "everyone"
 * (any user) or "" (none). */
struct ask {
    const char *request;  /* "POST /tasks/create?priority=1", without /api */
    const char *body;     /* NULL: none */
    const char *variable; /* a further one, "NAME=value"; NULL: none */
    const char *token;    /* NULL: "backend" */
};

/* Makes the tokens; once for a fixture. */
void request_tokens(const struct fixture *fixture);

/* Makes the file of another token hold this; NULL: a folder stands there. */
void request_token_file(
    const struct fixture *fixture, const char *token, const char *text);

/* Lays out etc/stoflow.ini. */
void request_settings(const struct fixture *fixture, const char *text);

/* Has the request answered, and noted, as process.c has it; into static
 * memory. */
const struct answer *request_ask(
    const struct fixture *fixture, const struct ask *ask);

/* The same, and fails the test unless the answer has this status, and holds
 * these words. */
void request_expect(const struct fixture *fixture, const struct ask *ask,
    int status, const char *words);

/* A request that is answered while calls fail, and sent again then, as a client
 * does that was told to. */
struct trial {
    const char *name;
    struct ask ask;
    void (*prepare)(const struct fixture *fixture); /* NULL: nothing is there */
    int status;   /* of the answer where nothing fails */
    int repeated; /* of the answer to the same request once it was carried out;
                   * 0: as the first */
    const char *words;     /* in the answer with `status` */
    const char *otherwise; /* in it where a call fails, as well; NULL */
    const char *settings;  /* etc/stoflow.ini; NULL: "" */
    bool waits;            /* as a held poll does, which keeps a descriptor */
    /* What must hold where one call failed and the answer was another than
     * that. NULL: nothing is asked. */
    void (*refused)(const struct fixture *fixture);
    /* What must hold after the repetition. NULL: nothing is changed. */
    void (*check)(const struct fixture *fixture);
};

/* Does so again and again in a fresh root each time, with each call failing in
 * turn, in each way (in a few ways each third or fifth). Fails the test unless
 * the answer is that where nothing fails or names the host's trouble, and never
 * the client's; unless the repetition is answered as it should; and if a
 * descriptor is left open. */
void request_try(const struct trial *trial);

/* The same with one kind of call alone, that fails as one of fault.h's
 * fault_set has it. `codes`: of the problems that are right then. */
void request_try_with(const struct trial *trial,
    void (*set)(enum fault_call call, unsigned which, int number),
    enum fault_call call, int number, const char *codes);

#endif
