/* SPDX-License-Identifier: MIT */
/* etc/stoflow.ini: what an operator may set. A missing file means the
 * defaults; a wrong one is an error that names the line. */
#ifndef STOFLOW_CONFIG_H
#define STOFLOW_CONFIG_H

#include "error.h"
#include "ini_file.h"
#include "name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_limits {
    CONFIG_ACTIONS_MAX = 64,  /* sections [action NAME] */
    CONFIG_FAILURES_MAX = 32, /* keys of [failures] */
    FAILURE_LENGTH_MAX = 63,  /* bytes of such a key */
    CONFIG_TEXT_MAX = INI_LINE_MAX,
    TIMEOUT_MAX = 86400, /* seconds a task may run */
    RETRIES_MAX = 1000,
    EXPIRE_MAX = 366 * 86400, /* seconds a task may wait */
    PACE_MAX = 86400,
    EXECUTING_MAX = 10000,
    BUDGET_MAX = 10000, /* requests */
    BUDGET_SECONDS_MAX = 7 * 86400,
    UNSET = -1 /* a rule that its section does not set */
};

/* What may be set for one action or for all of them. */
struct action_rules {
    char action[ACTION_LENGTH_MAX + 1]; /* "" for [all] */
    int timeout;       /* seconds until the lease ends, unless the task says */
    int retries;       /* requeues of a repeatable task before it fails */
    int expire;        /* seconds a task waits to be fetched; 0: for ever */
    int pace;          /* least seconds between two claims for one user */
    int pace_random;   /* up to so many more, anew each time */
    int max_executing; /* tasks one user may have executing; 0: any number */
};

/* What a failure with a certain phrase in its text says of a retry. */
enum failure_retry {
    FAILURE_FINAL,     /* nothing: it has failed */
    FAILURE_UNSENT,    /* nothing was sent to Vinted: any task may be retried */
    FAILURE_REPEATABLE /* worth a retry if the task may be repeated */
};

struct failure_row {
    char phrase[FAILURE_LENGTH_MAX + 1];
    enum failure_retry retry;
};

struct retry_rules {
    int delay;     /* seconds until the first such retry; doubles each time */
    int delay_max; /* seconds, where the doubling ends */
    int most;      /* such retries of one task */
};

/* How many requests may be sent to Vinted for one seller's account within any
 * so many seconds. */
struct budget_rules {
    int requests; /* 0: any number */
    int seconds;
};

/* Of user_space. */
extern const size_t config_half;

struct config {
    size_t max_body;   /* bytes of a request, a dropped file, a record's
                        * result */
    size_t user_space; /* bytes of one user's finished tasks, from which on a
                        * plugin's token adds little; 0: any number;
                        * config_half: as many as the disk has free */
    int settle;        /* seconds a half-written drop is left alone */
    int keep_done;     /* days a finished task is kept; 0: for ever */
    bool background;   /* tidy up after an answer has gone out */
    int max_waiters;   /* polls that may be held open at once */
    int user_waiters;  /* of them, those of one user */
    int sweep_every;   /* least seconds between two such tidyings */
    int keep_photos;   /* days a photo is kept; 0: for ever */
    size_t log_size;   /* bytes a log may have before it is put by */
    int log_keep;      /* old logs kept */
    /* Whether access.log gets a line for a poll that found nothing, too. */
    bool log_empty_polls;
    char origins[CONFIG_TEXT_MAX + 1]; /* that browsers may call from, with
                                        * commas between; "*": any */
    char url[CONFIG_TEXT_MAX + 1]; /* what stands before /api/ in public URLs,
                                    * without a slash at its end; "": as the
                                    * request says */
    struct retry_rules retry;
    struct failure_row failures[CONFIG_FAILURES_MAX]; /* besides our own */
    int failure_count;
    struct budget_rules budget;
    struct action_rules all;
    struct action_rules actions[CONFIG_ACTIONS_MAX];
    int action_count;
};

/* The defaults: the guides'. */
void config_default(struct config *config);

/* Reads ROOT/etc/stoflow.ini over the defaults. After an error *config holds
 * the defaults and *fault says what is wrong and where. */
enum error config_load(
    struct config *config, const char *root, struct ini_fault *fault);

/* The rules for one action: its own section's, else [all]'s. */
struct action_rules config_rules(
    const struct config *config, const char *action);

/* What a failure that says text[0..length) means for a retry: the phrases of
 * [failures] are looked for first, then our own; ASCII letters match in both
 * cases. */
enum failure_retry config_failure(
    const struct config *config, const char *text, size_t length);

/* The phrase that says so; "" if none does. */
const char *config_failure_phrase(
    const struct config *config, const char *text, size_t length);

/* Whether pages of this origin (RFC 6454: "https://host") may call us. */
bool config_allows_origin(const struct config *config, const char *origin);

#endif
