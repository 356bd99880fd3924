/* SPDX-License-Identifier: MIT */
#include "draft_query.h"

#include "draft.h"
#include "error.h"
#include "number.h"
#include "query.h"

#include <stdint.h>
#include <string.h>

/* One of the two setters is given. */
struct field_row {
    const char *name;
    enum error (*set_text)(
        struct draft *draft, const char *value, size_t length);
    enum error (*set_number)(struct draft *draft, int64_t number);
    const char *reason;
};

static const struct field_row fields[] = {
    {"user_id", draft_set_user, NULL,
        "must be a whole number from 1 to 2^63-1"},
    {"action", draft_set_action, NULL,
        "must be 1 to 50 characters a-z, 0-9 and _"},
    {"task_id", draft_set_id, NULL,
        "must be 1 to 64 characters A-Z, a-z, 0-9, _ and -"},
    {"priority", NULL, draft_set_priority,
        "must be a whole number from 0 to 999"},
    {"timeout", NULL, draft_set_timeout,
        "must be a whole number of seconds from 1 to 86400"},
    {"not_before", draft_set_not_before, NULL,
        "must be a date and time as 2024-12-07T10:00:15Z; a + in it is sent as "
        "%2B"},
    {"expires_in", NULL, draft_set_expires_in,
        "must be a whole number of seconds from 1 to 31622400"},
    {"retries", NULL, draft_set_retries,
        "must be a whole number from 0 to 1000"},
};

static enum error set_field(
    const struct field_row *row, struct draft *draft, const char *value)
{
    int64_t number;
    size_t length = strlen(value);
    if (row->set_text != NULL)
        return row->set_text(draft, value, length);
    enum error error = number_parse(value, length, &number);
    return error == ERROR_NONE ? row->set_number(draft, number) : error;
}

enum error draft_read_query(
    struct draft *draft, const struct query *query, struct draft_fault *fault)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value = query_get(query, fields[i].name);
        if (value == NULL)
            continue;
        enum error error = set_field(&fields[i], draft, value);
        if (error != ERROR_NONE) {
            *fault = (struct draft_fault){fields[i].name, fields[i].reason};
            return error;
        }
    }
    return ERROR_NONE;
}
