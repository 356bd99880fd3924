/* SPDX-License-Identifier: MIT */
/* The body of a result, as the guide gives it. */
#ifndef STOFLOW_RESULT_READ_H
#define STOFLOW_RESULT_READ_H

#include "delivery.h"
#include "json.h"

#include <stdbool.h>

struct program;

/* Reads {"success", "data", "error", "execution_time_ms", "executed_at",
 * "account", "requests", "lease"}; all but success are optional, null stands
 * for not given. False
 * after having set the problem that names the member. result_free is due in
 * every case. */
bool result_read(struct program *program, struct json_value object,
    struct result_body *body);
void result_free(struct result_body *body);

#endif
