/* SPDX-License-Identifier: MIT */
/* The entries of unknown/42/: STAMP-STATE-ID.json, each a link of the record of
 * a task of which nobody knows whether it took effect on Vinted. Their state is
 * their name, so that `ls` shows it:
 *
 *   new      no look at the wardrobe has told anything yet
 *   missing  a complete list lacks what the task was to make
 *   asked    the lists leave it open; only the seller can tell, or a later list
 *
 * Only a list that was begun after the stamp proves that something is not
 * there. */
#ifndef STOFLOW_UNKNOWN_H
#define STOFLOW_UNKNOWN_H

#include "account.h"
#include "error.h"
#include "name.h"
#include "path.h"

#include <stdint.h>

enum unknown_state {
    UNKNOWN_NEW,
    UNKNOWN_MISSING,
    UNKNOWN_ASKED,
    UNKNOWN_STATES
};

struct unknown_name {
    int64_t since; /* moment */
    enum unknown_state state;
    char id[ID_LENGTH_MAX + 1];
};

struct path unknown_path(
    const struct account *account, const struct unknown_name *name);

/* ERROR_SYNTAX: it is none of ours. */
enum error unknown_parse(const char *text, struct unknown_name *name);

#endif
