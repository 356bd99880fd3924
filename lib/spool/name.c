/* SPDX-License-Identifier: MIT */
#include "name.h"

#include "clock.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_action_character(char c)
{
    return is_lower(c) || is_digit(c) || c == '_';
}

static bool is_lease_character(char c)
{
    return is_lower(c) || is_digit(c);
}

static bool is_id_character(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

static bool consists_of(const char *text, size_t length, size_t least,
    size_t most, bool (*allowed)(char c))
{
    if (length < least || length > most)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!allowed(text[i]))
            return false;
    }
    return true;
}

bool action_is_valid(const char *text, size_t length)
{
    return consists_of(text, length, 1, ACTION_LENGTH_MAX, is_action_character);
}

bool id_is_valid(const char *text, size_t length)
{
    return consists_of(text, length, 1, ID_LENGTH_MAX, is_id_character);
}

bool lease_is_valid(const char *text, size_t length)
{
    return consists_of(text, length, 1, LEASE_LENGTH_MAX, is_lease_character);
}

bool receive_id_is_valid(const char *text, size_t length)
{
    return consists_of(text, length, RECEIVE_ID_LENGTH_MIN, LEASE_LENGTH_MAX,
        is_lease_character);
}

bool lease_is_withdrawal(const char *lease)
{
    return strcmp(lease, LEASE_EXPIRED) == 0 ||
           strcmp(lease, LEASE_CANCELLED) == 0;
}

bool name_is_json(const char *text)
{
    size_t length = strlen(text);
    return text[0] != '.' && length > 5 &&
           strcmp(text + length - 5, ".json") == 0;
}

/* Copies the field that ends at the next '-' and steps behind it. */
static bool take_field(const char **text, char *out, size_t most,
    bool (*valid)(const char *text, size_t length))
{
    size_t length = strcspn(*text, "-");
    if ((*text)[length] != '-' || length > most || !valid(*text, length))
        return false;
    memcpy(out, *text, length);
    out[length] = '\0';
    *text += length + 1;
    return true;
}

static bool take_stamp(const char **text, int64_t *moment)
{
    if (clock_parse_stamp(*text, moment) != ERROR_NONE ||
        (*text)[CLOCK_STAMP_LENGTH] != '-')
        return false;
    *text += CLOCK_STAMP_LENGTH + 1;
    return true;
}

static bool take_rank(const char **text, int *priority)
{
    const char *t = *text;
    if (!is_digit(t[0]) || !is_digit(t[1]) || !is_digit(t[2]) || t[3] != '-')
        return false;
    int rank = ((t[0] - '0') * 100) + ((t[1] - '0') * 10) + (t[2] - '0');
    *priority = PRIORITY_MAX - rank;
    *text += 4;
    return true;
}

/* ".r" and a number without leading zeros. */
static bool take_generation(const char **text, int *generation)
{
    const char *t = *text + 2;
    int number = 0;
    if (*t == '0')
        return false;
    for (; is_digit(*t) && number <= GENERATION_MAX; t++)
        number = (number * 10) + (*t - '0');
    if (number < 1 || number > GENERATION_MAX)
        return false;
    *generation = number;
    *text = t;
    return true;
}

static bool take_id(const char **text, struct task_name *task)
{
    size_t length = strcspn(*text, ".");
    if (!id_is_valid(*text, length))
        return false;
    memcpy(task->id, *text, length);
    task->id[length] = '\0';
    *text += length;
    task->generation = 0;
    return strncmp(*text, ".r", 2) != 0 ||
           take_generation(text, &task->generation);
}

enum error name_parse_queued(const char *text, struct task_name *task)
{
    bool fits =
        take_rank(&text, &task->priority) &&
        take_stamp(&text, &task->created) &&
        take_field(&text, task->action, ACTION_LENGTH_MAX, action_is_valid) &&
        take_id(&text, task) && strcmp(text, ".json") == 0;
    return fits ? ERROR_NONE : ERROR_SYNTAX;
}

enum error name_parse_executing(const char *text, struct lease_name *lease)
{
    bool fits =
        take_stamp(&text, &lease->deadline) &&
        take_field(&text, lease->lease, LEASE_LENGTH_MAX, lease_is_valid);
    return fits ? name_parse_queued(text, &lease->task) : ERROR_SYNTAX;
}

struct name name_format_queued(const struct task_name *task)
{
    struct name name;
    char created[CLOCK_STAMP_LENGTH + 1];
    char generation[16] = "";
    clock_format_stamp(created, task->created);
    if (task->generation > 0)
        snprintf(generation, sizeof generation, ".r%d", task->generation);
    snprintf(name.text, sizeof name.text, "%03d-%s-%s-%s%s.json",
        PRIORITY_MAX - task->priority, created, task->action, task->id,
        generation);
    return name;
}

struct name name_format_executing(const struct lease_name *lease)
{
    struct name queued = name_format_queued(&lease->task);
    struct name name;
    char deadline[CLOCK_STAMP_LENGTH + 1];
    clock_format_stamp(deadline, lease->deadline);
    int length = snprintf(name.text, sizeof name.text, "%s-%s-%s", deadline,
        lease->lease, queued.text);
    if (length < 0 || (size_t)length >= sizeof name.text)
        name.text[0] = '\0'; /* cannot be: NAME_LENGTH_MAX is more */
    return name;
}

struct name name_format_done(const char *id, bool completed)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "%s.%s.json", id,
        completed ? "completed" : "failed");
    return name;
}

enum error name_parse_done(
    const char *text, char id[ID_LENGTH_MAX + 1], bool *completed)
{
    size_t length = strcspn(text, ".");
    if (!id_is_valid(text, length))
        return ERROR_SYNTAX;
    memcpy(id, text, length);
    id[length] = '\0';
    *completed = strcmp(text + length, ".completed.json") == 0;
    return *completed || strcmp(text + length, ".failed.json") == 0
               ? ERROR_NONE
               : ERROR_SYNTAX;
}
