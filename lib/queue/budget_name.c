/* SPDX-License-Identifier: MIT */
#include "budget_name.h"

#include "clock.h"
#include "number.h"

#include <stdio.h>
#include <string.h>

static struct budget_entry make(
    const char *lease, int64_t moment, int count, int told, bool is_open)
{
    struct budget_entry entry = {moment, count, told, is_open, ""};
    snprintf(
        entry.lease, sizeof entry.lease, "%s", lease[0] == '\0' ? "x" : lease);
    return entry;
}

struct budget_entry budget_entry_open(
    const char *lease, int64_t deadline, int count, int told)
{
    return make(lease, deadline, count, told, true);
}

struct budget_entry budget_entry_sent(
    const char *lease, int64_t moment, int count)
{
    return make(lease, moment, count, 0, false);
}

struct budget_name budget_name_format(const struct budget_entry *entry)
{
    struct budget_name name;
    char moment[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(moment, entry->moment);
    if (entry->is_open)
        snprintf(name.text, sizeof name.text, "%s-%d-%d-%s.open", moment,
            entry->count, entry->told, entry->lease);
    else
        snprintf(name.text, sizeof name.text, "%s-%d-%s.sent", moment,
            entry->count, entry->lease);
    return name;
}

/* Reads "-NUMBER" at *at and steps over it. */
static bool read_count(const char **at, int *count)
{
    int64_t number;
    if (**at != '-')
        return false;
    size_t length = strspn(*at + 1, "0123456789");
    if (number_parse(*at + 1, length, &number) != ERROR_NONE ||
        number > BUDGET_COUNT_MAX)
        return false;
    *count = (int)number;
    *at += 1 + length;
    return true;
}

/* Reads "-LEASE.suffix", the rest of a name. */
static bool read_lease(const char *at, const char *suffix, char *lease)
{
    size_t length = strcspn(at, ".");
    if (at[0] != '-' || strcmp(at + length, suffix) != 0 ||
        !lease_is_valid(at + 1, length - 1))
        return false;
    memcpy(lease, at + 1, length - 1);
    lease[length - 1] = '\0';
    return true;
}

enum error budget_name_parse(const char *name, struct budget_entry *entry)
{
    const char *at = name + CLOCK_STAMP_LENGTH;
    if (strnlen(name, CLOCK_STAMP_LENGTH) < CLOCK_STAMP_LENGTH ||
        clock_parse_stamp(name, &entry->moment) != ERROR_NONE ||
        !read_count(&at, &entry->count))
        return ERROR_SYNTAX;
    entry->told = 0;
    entry->is_open = false;
    if (read_lease(at, ".sent", entry->lease))
        return ERROR_NONE;
    entry->is_open = true;
    return read_count(&at, &entry->told) &&
                   read_lease(at, ".open", entry->lease)
               ? ERROR_NONE
               : ERROR_SYNTAX;
}
