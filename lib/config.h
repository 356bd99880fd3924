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
    CONFIG_ACTIONS_MAX = 64, /* sections [action NAME] */
    TIMEOUT_MAX = 86400,     /* seconds a task may run */
    RETRIES_MAX = 1000,
    EXPIRE_MAX = 366 * 86400, /* seconds a task may wait */
    UNSET = -1                /* a rule that its section does not set */
};

/* What may be set for one action or for all of them. */
struct action_rules {
    char action[ACTION_LENGTH_MAX + 1]; /* "" for [all] */
    int timeout; /* seconds until the lease ends, unless the task says */
    int retries; /* requeues of a repeatable task before it fails */
    int expire;  /* seconds a task waits to be fetched; 0: for ever */
};

struct config {
    size_t max_body; /* bytes of a request, a dropped file, a record's
                      * result */
    int settle;      /* seconds a half-written drop is left alone */
    int keep_done;   /* days a finished task is kept; 0: for ever */
    bool background; /* tidy up after an answer has gone out */
    int max_waiters; /* polls that may be held open at once */
    int sweep_every; /* least seconds between two such tidyings */
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

#endif
