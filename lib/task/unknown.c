/* SPDX-License-Identifier: MIT */
#include "unknown.h"

#include "clock.h"

#include <stdio.h>
#include <string.h>

static const char *const states[UNKNOWN_STATES] = {
    "new",     /* UNKNOWN_NEW */
    "missing", /* UNKNOWN_MISSING */
    "asked",   /* UNKNOWN_ASKED */
};

static const char ending[] = ".json";

struct path unknown_path(
    const struct account *account, const struct unknown_name *name)
{
    char text[(size_t)CLOCK_STAMP_LENGTH + ID_LENGTH_MAX + 20];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(stamp, name->since);
    snprintf(text, sizeof text, "%s-%s-%s%s", stamp, states[name->state],
        name->id, ending);
    return account_path(account, SPOOL_UNKNOWN, text);
}

static enum error parse_state(
    const char *text, size_t length, enum unknown_state *state)
{
    for (int i = 0; i < UNKNOWN_STATES; i++) {
        if (strlen(states[i]) == length &&
            strncmp(text, states[i], length) == 0) {
            *state = (enum unknown_state)i;
            return ERROR_NONE;
        }
    }
    return ERROR_SYNTAX;
}

enum error unknown_parse(const char *text, struct unknown_name *name)
{
    if (strlen(text) <= CLOCK_STAMP_LENGTH ||
        clock_parse_stamp(text, &name->since) != ERROR_NONE ||
        text[CLOCK_STAMP_LENGTH] != '-')
        return ERROR_SYNTAX;
    const char *state = text + CLOCK_STAMP_LENGTH + 1;
    size_t length = strcspn(state, "-");
    const char *id = state + length + (state[length] == '-');
    size_t id_length = strcspn(id, ".");
    if (parse_state(state, length, &name->state) != ERROR_NONE ||
        !id_is_valid(id, id_length) || strcmp(id + id_length, ending) != 0)
        return ERROR_SYNTAX;
    memcpy(name->id, id, id_length);
    name->id[id_length] = '\0';
    return ERROR_NONE;
}
