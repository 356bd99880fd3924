/* SPDX-License-Identifier: MIT */
/* The one table of actions: what may be repeated, what a success does to the
 * catalogue, and which parameters it needs. An action that is not in it is
 * queued and delivered as it is, and never repeated. */
#ifndef STOFLOW_ACTION_H
#define STOFLOW_ACTION_H

#include "error.h"
#include "json.h"
#include "json_shape.h"

#include <stdbool.h>
#include <stddef.h>

enum action_repeat {
    REPEAT_NEVER,  /* a second run could do it twice: at most once */
    REPEAT_ALWAYS, /* a second run does no harm */
    REPEAT_READS   /* REPEAT_ALWAYS if every request is a GET or HEAD */
};

/* What the success of an action does to what the spool knows about a seller;
 * ingest.h carries it out. */
enum ingest_kind {
    INGEST_NONE,   /* nothing */
    INGEST_USER,   /* tells who the seller is: users/42.json */
    INGEST_LIST,   /* lists a wardrobe; a complete list proves absence */
    INGEST_STATS,  /* counts views, favourites and messages of one product */
    INGEST_ITEM,   /* made or changed one product */
    INGEST_PHOTO,  /* added a photo, perhaps to a product */
    INGEST_PRICES, /* changed the prices of several products */
    INGEST_DELETE, /* removed one product */
    INGEST_CALLS   /* did what its requests did: vinted_call.h */
};

struct action_params;

struct action_row {
    const char *name;
    enum action_repeat repeat;
    enum ingest_kind ingest;
    const struct action_params *params; /* NULL: any will do */
};

extern const struct action_row action_rows[];
extern const size_t action_row_count;

/* Whether a task of this action with these parameters may be handed out
 * again when its lease has passed. */
bool action_is_repeatable(const char *action, struct json_value params);

/* How many requests to Vinted such a task sends, where its parameters tell; 0
 * where only the plugin knows. */
int action_requests(const char *action, struct json_value params);

/* Whether a look at the wardrobe may tell what became of such a task. */
bool action_can_be_found(const char *action);

/* INGEST_NONE for an unknown action, and where none of its requests is known to
 * change anything. */
enum ingest_kind action_ingest(const char *action, struct json_value params);

/* Checks the parameters (an object, or absent) that a task of this action
 * comes with against those that the plugin's guide asks for. ERROR_TYPE with
 * *misfit filled for the first that is missing or wrong. Those of an action
 * without a table, and of an unknown one, are always fit. */
enum error action_check_params(
    const char *action, struct json_value params, struct json_misfit *misfit);

#endif
