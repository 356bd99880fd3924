/* SPDX-License-Identifier: MIT */
#include "json_shape.h"

#include <stdio.h>
#include <string.h>

static bool check_rows(const struct json_shape *rows, struct json_value value,
    struct json_misfit *misfit);

/* Puts the name of what is around it in front of the member that is wrong.
 * Only a misfit costs a name: an array may have very many elements. */
static bool name_outer(struct json_misfit *misfit, const char *name)
{
    char *member = misfit->member;
    size_t outer = strlen(name);
    size_t inner = strlen(member);
    bool apart = outer > 0 && inner > 0 && member[0] != '[';
    if (outer + apart + inner >= JSON_MISFIT_MAX)
        return false; /* what is known of it will do */
    memmove(member + outer + apart, member, inner + 1);
    memcpy(member, name, outer);
    if (apart)
        member[outer] = '.';
    return false;
}

static bool check_elements(const struct json_shape *rows,
    struct json_value array, struct json_misfit *misfit)
{
    char index[24];
    size_t i = 0;
    struct json_value element = json_first(array);
    for (; !json_is(element, JSON_ABSENT); element = json_next(element)) {
        if (!check_rows(rows, element, misfit)) {
            snprintf(index, sizeof index, "[%zu]", i);
            return name_outer(misfit, index);
        }
        i++;
    }
    return true;
}

static bool fits(const struct json_shape *row, struct json_value value)
{
    return (row->type == JSON_ABSENT || json_is(value, row->type)) &&
           (row->fits == NULL || row->fits(value));
}

static bool check_row(const struct json_shape *row, struct json_value object,
    struct json_misfit *misfit)
{
    bool itself = row->name[0] == '\0';
    struct json_value value = itself ? object : json_member(object, row->name);
    bool given = json_is_given(value);
    if (!given && !row->required)
        return true;
    if (given && fits(row, value)) {
        return row->elements == NULL ||
               check_elements(row->elements, value, misfit) ||
               name_outer(misfit, row->name);
    }
    misfit->member[0] = '\0';
    /* A value itself is there, be it null. */
    misfit->reason = given || itself ? row->must : "is missing";
    return name_outer(misfit, row->name);
}

static bool check_rows(const struct json_shape *rows, struct json_value value,
    struct json_misfit *misfit)
{
    for (const struct json_shape *row = rows; row->name != NULL; row++) {
        if (!check_row(row, value, misfit))
            return false;
    }
    return true;
}

bool json_shape_check(const struct json_shape *rows, struct json_value value,
    const char *name, struct json_misfit *misfit)
{
    return check_rows(rows, value, misfit) || name_outer(misfit, name);
}
