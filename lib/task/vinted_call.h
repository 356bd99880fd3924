/* SPDX-License-Identifier: MIT */
/* Which requests to Vinted change a product: the one table of such routes. What
 * a client of the bridge has the plugin do by them is known to the catalogue as
 * what a task does that is named for it. */
#ifndef STOFLOW_VINTED_CALL_H
#define STOFLOW_VINTED_CALL_H

#include "action.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

struct vinted_call {
    enum ingest_kind kind; /* what its success does: INGEST_ITEM, _DELETE */
    uint64_t item;         /* which product, by its path; 0: a new one */
};

/* Whether a request (http_request.h) is in the table. */
bool vinted_call_read(struct json_value request, struct vinted_call *call);

/* The requests of a task: "requests", which is an array where it is fit, or the
 * only one: "request", or the parameters themselves. */
struct json_value vinted_call_requests(struct json_value params);

/* Whether any of them is in the table. */
bool vinted_call_any(struct json_value params);

#endif
