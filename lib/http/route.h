/* SPDX-License-Identifier: MIT */
/* The one table of routes: which program answers what, and to whom. */
#ifndef STOFLOW_ROUTE_H
#define STOFLOW_ROUTE_H

#include "buffer.h"
#include "name.h"
#include "photo_kind.h"

#include <stdbool.h>
#include <stddef.h>

enum method {
    METHOD_OTHER = 0,
    METHOD_GET = 1,
    METHOD_POST = 2,
    METHOD_DELETE = 4
};

struct route {
    enum method method;
    const char *pattern; /* without /api; {id} stands for a task's ID, {name}
                          * for a photo's name */
    const char *program; /* in cgi-bin/ */
    unsigned scopes;     /* of enum scope, or'ed; 0: no token needed */
};

extern const struct route routes[];
extern const size_t route_count;

struct route_match {
    const struct route *route;             /* NULL: none */
    char id[ID_LENGTH_MAX + 1];            /* what stood for {id} */
    char photo[PHOTO_NAME_LENGTH_MAX + 1]; /* what stood for {name} */
    unsigned allowed; /* of enum method: what this path would take */
};

enum method method_parse(const char *text);

/* Appends "GET, POST" for a set of enum method, or'ed. */
void method_list(struct buffer *out, unsigned set);

/* Finds the route for a path, with or without "/api" before it. An {id} or
 * {name} that is none by its grammar matches nothing: no path of a file is ever
 * built from it. A path that stands in the table as it is means that alone,
 * with any method: /tasks/create is never the task called "create". */
void route_find(
    struct route_match *match, enum method method, const char *path);

/* The route that a program answers when its URL ends with its name. */
const struct route *route_default(const char *program, enum method method);

#endif
