/* SPDX-License-Identifier: MIT */
/* The requests to Vinted that a client of the bridge has written itself, for
 * the plugin to carry out. */
#ifndef STOFLOW_HTTP_REQUEST_H
#define STOFLOW_HTTP_REQUEST_H

#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* Which member is wrong, as "requests[2].url", and why. */
struct http_request_fault {
    char member[64];
    const char *reason; /* static storage */
};

/* Checks one request, called `name` in *fault; null stands for "not given".
 * Which hosts may be asked is the plugin's business. */
bool http_request_check(struct json_value request, const char *name,
    struct http_request_fault *fault);

/* Checks an array of them. */
bool http_requests_check(struct json_value requests, const char *name,
    struct http_request_fault *fault);

/* The milliseconds that the request itself allows; 0: it does not say. */
int64_t http_request_timeout(struct json_value request);

#endif
