/* SPDX-License-Identifier: MIT */
/* The one table of actions: what may be repeated, what a success does to the
 * catalogue, and which parameters it needs. An action that is not in it is
 * queued and delivered as it is, and never repeated. */
#ifndef STOFLOW_ACTION_H
#define STOFLOW_ACTION_H

#include "ingest_kind.h"
#include "json.h"
#include "params.h"

#include <stdbool.h>
#include <stddef.h>

enum action_repeat {
    REPEAT_NEVER,  /* a second run could do it twice: at most once */
    REPEAT_ALWAYS, /* a second run does no harm */
    REPEAT_READS   /* REPEAT_ALWAYS if every request is a GET or HEAD */
};

struct action_row {
    const char *name;
    enum action_repeat repeat;
    enum ingest_kind ingest;
    const struct params_table *params; /* NULL: any will do */
};

extern const struct action_row action_rows[];
extern const size_t action_row_count;

/* Whether a task of this action with these parameters may be handed out
 * again when its lease has passed. */
bool action_is_repeatable(const char *action, struct json_value params);

/* INGEST_NONE for an unknown action. */
enum ingest_kind action_ingest(const char *action);

/* Checks the parameters (an object, or absent) that a task of this action
 * comes with. ERROR_TYPE with *fault filled. Those of an action without a
 * table, and of an unknown one, are always fit. */
enum error action_check_params(
    const char *action, struct json_value params, struct params_fault *fault);

#endif
