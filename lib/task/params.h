/* SPDX-License-Identifier: MIT */
/* The parameters that the plugin's guide asks for, action by action: which
 * members there must be, and of what type. Members that are in no table are
 * passed on as they are; null says "not given". */
#ifndef STOFLOW_PARAMS_H
#define STOFLOW_PARAMS_H

#include "error.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

struct params_row {
    const char *name;
    bool required;
    bool (*fits)(struct json_value value);
    const char *must; /* English phrase, "must be …" */
    /* An array of ids, or of objects with these rows; NULL: neither. */
    const struct params_row *elements;
};

/* A table of rows, and what no single row can say. */
struct params_table {
    const struct params_row *rows; /* ends with a row without a name */
    /* What is wrong with the whole, as an English phrase that follows the
     * name of the member it speaks of; NULL: nothing. The member's name goes
     * to *member. May be NULL. */
    const char *(*find_fault)(struct json_value params, const char **member);
};

extern const struct params_table params_of_list;   /* get_all_products */
extern const struct params_table params_of_item;   /* get_stats, … */
extern const struct params_table params_of_create; /* create_product */
extern const struct params_table params_of_update; /* update_product */
extern const struct params_table params_of_prices; /* update_prices */
extern const struct params_table params_of_photo;  /* upload_photo */

enum params_sizes {
    PARAMS_MEMBER_MAX = 80 /* more than the longest "params.x[N].y" */
};

struct params_fault {
    char member[PARAMS_MEMBER_MAX]; /* "params.updates[1].price" */
    const char *reason;             /* static storage */
};

/* Checks an object of parameters, or the lack of one. ERROR_TYPE with *fault
 * filled for the first that is missing or wrong. */
enum error params_check(const struct params_table *table,
    struct json_value params, struct params_fault *fault);

#endif
