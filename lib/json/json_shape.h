/* SPDX-License-Identifier: MIT */
/* Which members a JSON object must have, and what each may be, as a table.
 * Members in no row are of no concern, and null says "not given". */
#ifndef STOFLOW_JSON_SHAPE_H
#define STOFLOW_JSON_SHAPE_H

#include "json.h"

#include <stdbool.h>

/* A table ends with a row whose name is NULL. */
struct json_shape {
    const char *name; /* of a member; "": the row is about the value itself */
    bool required;
    enum json_type type;                   /* JSON_ABSENT: any */
    bool (*fits)(struct json_value value); /* NULL: all that are of the type */
    const char *must;                      /* English phrase, "must be …" */
    /* What each element of an array must be; NULL: anything. */
    const struct json_shape *elements;
};

enum json_shape_sizes {
    JSON_MISFIT_MAX = 80 /* more than the longest "params.x[N].y" */
};

/* What is wrong, and why. */
struct json_misfit {
    char member[JSON_MISFIT_MAX]; /* "params.updates[1].price" */
    const char *reason;           /* English phrase, static storage */
};

/* Checks a value, which is called `name` in *misfit. False with *misfit filled
 * for the first member that is missing or wrong. */
bool json_shape_check(const struct json_shape *rows, struct json_value value,
    const char *name, struct json_misfit *misfit);

#endif
