/* SPDX-License-Identifier: MIT */
/* The programs: each request is answered by the pages of the library, in a
 * process of its own, as process_run of lib/http/process.h does it; or, as
 * fastcgi_run does it, in one that has answered others. */
#ifndef SIMULATE_PROGRAMS_H
#define SIMULATE_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For the coverage, and for PROGRAMS= on the command line. */
enum program_kind {
    PROGRAM_CREATE,
    PROGRAM_POLL,
    PROGRAM_HELD, /* a poll that waits */
    PROGRAM_RESULT,
    PROGRAM_PROGRESS,
    PROGRAM_CANCEL,
    PROGRAM_RETRY,
    PROGRAM_TASK,
    PROGRAM_TASKS,
    PROGRAM_SWEEPER,
    PROGRAM_SYNC,
    PROGRAM_PRODUCTS,
    PROGRAM_HEALTH,
    PROGRAM_STATUS,
    PROGRAM_PHOTOS,
    PROGRAM_EXECUTE,
    PROGRAM_PAUSE,
    PROGRAM_PERSON, /* no program, but a person at a shell */
    PROGRAM_KINDS,
    PROGRAM_BACKGROUND /* what is left to do behind an answer: nothing that
                        * could be asked for */
};

/* "create", "poll", … */
const char *program_name(unsigned kind);

enum {
    PROGRAM_USER = 1000 /* whom they run as */
};

/* A request. Texts stay the caller's. */
struct ask {
    enum program_kind kind;
    const char *method;
    const char *path;  /* PATH_INFO */
    const char *query; /* "": none */
    const char *body;  /* NULL: none */
    const char *key;   /* Idempotency-Key; NULL: none */
    bool backend;      /* with the backend's token, else with a plugin's */
    int user;          /* whose plugin: 42 or 43 */
    bool stays; /* what answers has answered others, and stays for more: as by
                 * FastCGI, where no limits are set */
    /* Limits of the host; 0: none. */
    int64_t file_size;
    int descriptors;
};

enum {
    TOLD_MAX = 65536 /* bytes of a body that are kept */
};

/* What the client sees. */
struct told {
    int status;  /* 0: no answer came, or not a whole one */
    size_t kept; /* files that a process which stays has left open */
    size_t length;
    char body[TOLD_MAX + 1];
};

/* Has a request answered. To be called by an actor. `answered` is called with
 * the context, with *told filled, as soon as the client has the answer, or will
 * get none. What is left to do then does a process of its own, as another
 * actor, which may go on when this one is over. */
void program_ask(const struct ask *ask, struct told *told,
    void (*answered)(void *context, const struct told *told), void *context);

/* Writes etc/ with all tokens and `settings` as stoflow.ini. */
void program_configure(const char *settings);

/* To be called once, before all. */
void program_prepare(void);

#endif
