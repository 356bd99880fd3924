/* SPDX-License-Identifier: MIT */
/* The requests to Vinted that a client of the bridge has written itself, for
 * the plugin to carry out. */
#ifndef STOFLOW_HTTP_REQUEST_H
#define STOFLOW_HTTP_REQUEST_H

#include "json.h"
#include "json_shape.h"

#include <stdbool.h>
#include <stdint.h>

/* Checks one request, called `name` in *misfit; null stands for "not given".
 * Which hosts may be asked is the plugin's business. */
bool http_request_check(
    struct json_value request, const char *name, struct json_misfit *misfit);

/* Checks an array of them. */
bool http_requests_check(
    struct json_value requests, const char *name, struct json_misfit *misfit);

/* The milliseconds that the request itself allows; 0: it says none that can be
 * waited for. Need not be checked. */
int64_t http_request_timeout(struct json_value request);

#endif
