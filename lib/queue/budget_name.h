/* SPDX-License-Identifier: MIT */
/* The names by which requests to Vinted are counted in pace/42/ (budget.h). No
 * action has such a name, since none holds a dot. */
#ifndef STOFLOW_BUDGET_NAME_H
#define STOFLOW_BUDGET_NAME_H

#include "error.h"
#include "name.h"

#include <stdbool.h>
#include <stdint.h>

enum budget_name_limits {
    BUDGET_COUNT_MAX = 9999999, /* what is more is cut to this */
    BUDGET_NAME_SIZE = 96
};

struct budget_entry {
    int64_t moment; /* of the last request at the latest */
    int count;      /* requests */
    int told;       /* with is_open: what its plugin has told of before */
    bool is_open;
    char lease[LEASE_LENGTH_MAX + 1]; /* "x": not known */
};

struct budget_name {
    char text[BUDGET_NAME_SIZE];
};

/* `lease` may be "". */
struct budget_entry budget_entry_open(
    const char *lease, int64_t deadline, int count, int told);
struct budget_entry budget_entry_sent(
    const char *lease, int64_t moment, int count);

struct budget_name budget_name_format(const struct budget_entry *entry);

/* ERROR_SYNTAX: it is no such name. */
enum error budget_name_parse(const char *name, struct budget_entry *entry);

#endif
