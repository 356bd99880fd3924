/* SPDX-License-Identifier: MIT */
/* The address under which others reach us, for URLs that are given out. */
#ifndef STOFLOW_PUBLIC_URL_H
#define STOFLOW_PUBLIC_URL_H

#include "buffer.h"
#include "config.h"
#include "error.h"

/* Appends the URL of a route ("/photos/NAME"): config->url, "/api" and the
 * route. Where config->url is "", what the environment of the request (RFC
 * 3875) tells stands in for it: scheme, host, the folder that the rewritten URL
 * was in and, where it was not rewritten, that of the programs.
 *
 * ERROR_SYNTAX: the request does not tell the host, or tells one that is none
 * by its grammar. ERROR_MEMORY. `out` may then hold a part of it. */
enum error public_url_append(struct buffer *out, const struct config *config,
    char *const *environment, const char *route);

#endif
