/* SPDX-License-Identifier: MIT */
/* One request and its answer: what is done before and after the work of a page,
 * which is the same for all. The route, the token and the configuration are
 * checked, the spool is opened, the page answers, and the log is told.
 *
 * All that is known of a request stands in its struct program, and nothing of
 * it anywhere else: one process may answer many. */
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

struct program;

/* Fills program->reply. Everything in *program is ready for it. */
typedef void page_answer(struct program *program);

/* What answers the routes that name it, as a value that any program may hold.
 * Which these are, with which methods and for whom, the table of routes says.
 */
struct page {
    const char *name; /* in that table, in the log, and in cgi-bin/ */
    page_answer *answer;
    bool tolerant; /* goes on with the defaults where etc/stoflow.ini is wrong
                    */
};

/* Where a request goes on that is to wait for others. */
enum hold {
    HOLD_HERE,      /* in this process, which has nothing else to do */
    HOLD_ELSEWHERE, /* in another process, which answers it: this one is done */
    HOLD_NOWHERE    /* the host gives no process: it must not wait */
};

/* What a request comes through. */
struct gateway {
    char *const *environment;
    struct request_input input;
    /* Called once the request is read, and the work begins that must not last
     * longer than PROGRAM_ALARM. */
    void (*begin)(void);
    /* Called before the request waits, and while it holds nothing that is of
     * one process, such as a lock. Where it makes another process, it returns
     * in both. NULL: HOLD_HERE. */
    enum hold (*hold)(void *context);
    void *context; /* for `hold` */
};

struct program {
    const struct gateway *gateway;
    const struct page *page; /* NULL: none answers such a request */
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
    struct spool spool;           /* its directory is < 0 until it is open */
    struct account account;       /* of whom it is about; user 0: nobody */
    int64_t started;              /* moment */
    char task[ID_LENGTH_MAX + 1]; /* which task, for the log */
    bool answered;                /* by the page; else by a refusal of ours */
    bool left;                    /* another process answers: reply is void */
    /* Set by the page for what follows its answer: */
    bool refresh_due;   /* the deep queue is to be read again */
    bool ingest_due;    /* results are to be taken in */
    bool census_due;    /* what lies in the spool is to be counted anew */
    bool backlog_due;   /* what awaits the plugin likewise */
    int64_t seen_until; /* moment until when the plugin's poll lasts; 0: it was
                         * none */
    bool idle;          /* the poll found nothing, so nothing was done */
    bool limited;       /* a limit of this host refused it, which is logged */
    bool unlogged; /* a 5xx tells of the plugin, not of us: it is not logged,
                    * all the less as a plugin's words may hold an address */
};

/* Answers a request with one of the pages, the last of which is followed by
 * NULL. A page that is alone also answers where the path names no route. The
 * answer is then in program->reply, for reply_send, and the request is read
 * whole, without which some servers would wait for ever. *program, which must
 * be zero before, points into *gateway; program_free is due. */
void program_answer(struct program *program, const struct page *const *pages,
    const struct gateway *gateway);

/* Notes what was answered, once that has gone out: in the log and, after a
 * poll, that the plugin is there. */
void program_note(const struct program *program);

void program_free(struct program *program);

/* Looks the token up and checks it against the route, for program_answer. The
 * root and the spool (for the log) are set. False after having set the
 * problem. */
bool program_identify(struct program *program);

/* The user the request is for: `user_id` in the query, which must be the
 * token's unless that is good for all, else the token's own. 0 after having
 * set the problem. */
int64_t program_user(struct program *program);

/* The same for a route whose body may name the user, as the query may. */
int64_t program_body_user(struct program *program, struct json_value body);

/* To be asked by a page before it waits for others. HOLD_ELSEWHERE: the page is
 * to return at once. */
enum hold program_hold(struct program *program);

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

#endif
