/* SPDX-License-Identifier: MIT */
/* What every CGI program does before and after its own page of work: checks
 * the route, the token and the configuration, opens the spool, answers, and
 * tidies up once the answer has gone out. */
#ifndef STOFLOW_PROGRAM_H
#define STOFLOW_PROGRAM_H

#include "account.h"
#include "config.h"
#include "json.h"
#include "problem.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "spool.h"
#include "token.h"

#include <stdbool.h>
#include <stdint.h>

struct program {
    const char *name;
    struct request request;
    struct reply reply;
    const struct route *route;
    char id[ID_LENGTH_MAX + 1]; /* what stood for {id} in the route */
    char photo[PHOTO_NAME_LENGTH_MAX + 1]; /* what stood for {name} */
    struct buffer root;                    /* path */
    struct config config;
    bool config_loaded;
    bool config_wrong; /* config holds the defaults; config_fault says why */
    struct ini_fault config_fault;
    bool has_caller;
    struct caller caller;
    struct spool spool;
    struct account account;       /* of whom it is about; user 0: nobody */
    int64_t started;              /* moment */
    char task[ID_LENGTH_MAX + 1]; /* which task, for the log */
    /* Set by the answer function for what follows it: */
    bool refresh_due;   /* the deep queue is to be read again */
    bool ingest_due;    /* results are to be taken in */
    int64_t seen_until; /* moment until when the plugin's poll lasts; 0: it was
                         * none */
    bool idle;          /* the poll found nothing, so nothing was done */
    bool unlogged; /* a 5xx tells of the plugin, not of us: it is not logged,
                    * all the less as a plugin's words may hold an address */
};

/* Fills program->reply. Everything in *program is ready for it. */
typedef void program_answer(struct program *program);

/* The whole of a CGI's main: the exit status, always 0 once an answer was
 * made. `name` is the program's in the table of routes. `tolerant`: whether it
 * goes on with the defaults where etc/stoflow.ini is wrong. */
int program_run(const char *name, program_answer *answer, bool tolerant);

/* The user the request is for: `user_id` in the query, which must be the
 * token's unless that is good for all, else the token's own. 0 after having
 * set the problem. */
int64_t program_user(struct program *program);

/* The same for a route whose body may name the user: "user_id" there comes
 * first. */
int64_t program_body_user(struct program *program, struct json_value body);

/* Notes for the log which task the request is about. */
void program_note_task(struct program *program, const char *id);

/* For what a route that needs no token, or several scopes, gives to one scope
 * alone. False after having set the problem, 401 or 403. */
bool program_require(struct program *program, enum scope scope);

/* Whose task program->id is: the user of the query or of the token, else the
 * one who has such a task. 0 after having set the problem. */
int64_t program_owner(struct program *program);

/* Sets the problem that there is no such task. */
void program_unknown_task(struct program *program);

/* Whether the caller may see a user's things. */
bool program_may_see(const struct program *program, int64_t user);

/* Reads the body. False after having set the problem; on true it is to be
 * freed. */
bool program_read_body(struct program *program, struct buffer *body);

/* Reads a body that was read as one JSON object. False after having set the
 * problem; on true the document is to be freed. */
bool program_parse_object(struct program *program, bool empty_is_object,
    const struct buffer *body, struct json_document *document);

/* Reads the body as one JSON object. False after having set the problem.
 * `empty_is_object`: an empty body stands for {}. On true both are to be
 * freed. */
bool program_read_object(struct program *program, bool empty_is_object,
    struct buffer *body, struct json_document *document);

#endif
