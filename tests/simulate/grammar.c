/* SPDX-License-Identifier: MIT */
#include "grammar.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters_of_id[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
static const char letters_of_action[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char letters_of_lease[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char digits[] = "0123456789";

/* Moves `at` behind 1 to `most` of these characters, which go to `to`. */
static bool take(const char **at, const char *characters, size_t most, char *to)
{
    size_t length = strspn(*at, characters);
    if (length == 0 || length > most)
        return false;
    memcpy(to, *at, length);
    to[length] = '\0';
    *at += length;
    return true;
}

static bool take_byte(const char **at, char byte)
{
    if (**at != byte)
        return false;
    ++*at;
    return true;
}

static bool take_digits(const char **at, size_t count, int *number)
{
    if (strspn(*at, digits) < count)
        return false;
    *number = 0;
    for (size_t i = 0; i < count; i++)
        *number = (*number * 10) + (*(*at)++ - '0');
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = (month + 9) % 12;
    return (365 * y) + (y / 4) - (y / 100) + (y / 400) + (((153 * m) + 2) / 5) +
           day - 1 - 719468;
}

/* A date and a time, with `dash` and `colon` between their parts unless these
 * are '\0'. */
static bool take_date(const char **at, char dash, char colon, int64_t *moment)
{
    int part[6];
    const char between[6] = {'\0', dash, dash, 'T', colon, colon};
    for (int i = 0; i < 6; i++) {
        if (between[i] != '\0' && !take_byte(at, between[i]))
            return false;
        if (!take_digits(at, i == 0 ? 4 : 2, &part[i]))
            return false;
    }
    int64_t minutes = (days_of(part[0], part[1], part[2]) * 1440) +
                      ((int64_t)part[3] * 60) + part[4];
    *moment = ((minutes * 60) + part[5]) * 1000000000;
    return true;
}

/* 20261122T071701.943680Z */
static bool take_stamp(const char **at, int64_t *moment)
{
    int microseconds;
    if (!take_date(at, '\0', '\0', moment) || !take_byte(at, '.') ||
        !take_digits(at, 6, &microseconds) || !take_byte(at, 'Z'))
        return false;
    *moment += (int64_t)microseconds * 1000;
    return true;
}

bool grammar_moment(const char *text, int64_t *moment)
{
    if (!take_date(&text, '-', ':', moment))
        return false;
    if (take_byte(&text, '.')) {
        int64_t unit = 100000000;
        for (; strspn(text, digits) > 0; unit /= 10)
            *moment += (*text++ - '0') * unit;
    }
    return strcmp(text, "Z") == 0;
}

bool grammar_user(const char *name, int64_t *user)
{
    char text[20];
    if (*name == '0' || !take(&name, digits, 19, text) || *name != '\0')
        return false;
    *user = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*user > (INT64_MAX - (*at - '0')) / 10)
            return false;
        *user = (*user * 10) + (*at - '0');
    }
    return true;
}

bool grammar_action(const char *name)
{
    char text[51];
    return take(&name, letters_of_action, 50, text) && *name == '\0';
}

bool grammar_is_id(const char *text)
{
    char id[65];
    return take(&text, letters_of_id, 64, id) && *text == '\0';
}

static bool take_generation(const char **at, int *generation)
{
    char text[10];
    *generation = 0;
    if (strncmp(*at, ".r", 2) != 0)
        return true;
    *at += 2;
    if (**at == '0' || !take(at, digits, 9, text))
        return false;
    *generation = (int)strtol(text, NULL, 10);
    return true;
}

static bool take_task(const char *at, struct name_parts *parts)
{
    return take_digits(&at, 3, &parts->rank) && take_byte(&at, '-') &&
           take_stamp(&at, &parts->created) && take_byte(&at, '-') &&
           take(&at, letters_of_action, 50, parts->action) &&
           take_byte(&at, '-') && take(&at, letters_of_id, 64, parts->id) &&
           take_generation(&at, &parts->generation) && strcmp(at, ".json") == 0;
}

bool grammar_queued(const char *name, struct name_parts *parts)
{
    *parts = (struct name_parts){0};
    return take_task(name, parts);
}

bool grammar_executing(const char *name, struct name_parts *parts)
{
    *parts = (struct name_parts){0};
    return take_stamp(&name, &parts->deadline) && take_byte(&name, '-') &&
           take(&name, letters_of_lease, 32, parts->lease) &&
           take_byte(&name, '-') && take_task(name, parts);
}

bool grammar_done(const char *name, struct name_parts *parts, bool *completed)
{
    *parts = (struct name_parts){0};
    if (!take(&name, letters_of_id, 64, parts->id))
        return false;
    *completed = strcmp(name, ".completed.json") == 0;
    return *completed || strcmp(name, ".failed.json") == 0;
}

bool grammar_unknown(const char *name, struct name_parts *parts)
{
    char state[8];
    *parts = (struct name_parts){0};
    return take_stamp(&name, &parts->created) && take_byte(&name, '-') &&
           take(&name, "abcdefghijklmnopqrstuvwxyz", 7, state) &&
           strstr(" new missing asked ", state) != NULL &&
           take_byte(&name, '-') && take(&name, letters_of_id, 64, parts->id) &&
           strcmp(name, ".json") == 0;
}

bool grammar_ingest(const char *name, struct name_parts *parts)
{
    *parts = (struct name_parts){0};
    return take_stamp(&name, &parts->created) && take_byte(&name, '-') &&
           take(&name, letters_of_id, 64, parts->id) &&
           strcmp(name, ".json") == 0;
}

bool grammar_progress(const char *name, struct name_parts *parts, bool *cancel)
{
    *parts = (struct name_parts){0};
    if (!take(&name, letters_of_id, 64, parts->id))
        return false;
    *cancel = strcmp(name, ".cancel") == 0;
    return *cancel || strcmp(name, ".json") == 0;
}

bool grammar_failure(const char *name, struct name_parts *parts)
{
    *parts = (struct name_parts){0};
    return take(&name, letters_of_id, 64, parts->id) &&
           strcmp(name, ".failure") == 0;
}

bool grammar_leases(const char *name, struct name_parts *parts)
{
    char queued[300];
    static const char suffix[] = ".leases";
    size_t length = strlen(name);
    if (length < sizeof suffix || length > sizeof queued - 8 ||
        strcmp(name + length - (sizeof suffix - 1), suffix) != 0)
        return false;
    snprintf(queued, sizeof queued, "%.*s.json",
        (int)(length - (sizeof suffix - 1)), name);
    return grammar_queued(queued, parts) && parts->generation > 0;
}

static bool take_word(const char **at, int64_t *user, struct name_parts *parts)
{
    char text[20];
    *parts = (struct name_parts){0};
    return take(at, digits, 19, text) && grammar_user(text, user) &&
           take_byte(at, '-') && take(at, letters_of_id, 64, parts->id);
}

bool grammar_word(const char *name, const char *suffix, int64_t *user,
    struct name_parts *parts)
{
    return take_word(&name, user, parts) && strcmp(name, suffix) == 0;
}

bool grammar_aside(const char *name, int64_t *user, struct name_parts *parts)
{
    char text[20];
    return take_word(&name, user, parts) && take_byte(&name, '.') &&
           take(&name, digits, 19, text) && take_byte(&name, '.') &&
           take(&name, digits, 19, text) && strcmp(name, ".aside") == 0;
}
