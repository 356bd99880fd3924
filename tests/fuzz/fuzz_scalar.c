/* SPDX-License-Identifier: MIT */
/* Short texts as numbers, prices, moments, cursors and keys: what is read is
 * written again, and the C library reads the same. */
#define _DEFAULT_SOURCE /* for timegm(3) */
#include "fuzz.h"

#include "clock.h"
#include "decimal.h"
#include "idempotency.h"
#include "item_id.h"
#include "number.h"
#include "path.h"
#include "task_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void try_number(const char *text, size_t length)
{
    char digits[NUMBER_LENGTH_MAX];
    int64_t number;
    enum error error = number_parse(text, length, &number);
    if (error != ERROR_NONE) {
        fuzz_require(error == ERROR_SYNTAX || length > 18);
        return;
    }
    errno = 0;
    fuzz_require(strtoll(text, NULL, 10) == number && errno == 0);
    fuzz_require(number_format(digits, number) == length &&
                 memcmp(digits, text, length) == 0);
}

static void try_ids(const char *text, size_t length)
{
    char again[24];
    uint64_t id;
    int64_t user;
    if (item_id_parse(text, length, &id) == ERROR_NONE) {
        snprintf(again, sizeof again, "%" PRIu64, id);
        fuzz_require(id >= 1 && strcmp(again, text) == 0);
    }
    if (strlen(text) == length && user_parse(text, &user) == ERROR_NONE) {
        snprintf(again, sizeof again, "%" PRId64, user);
        fuzz_require(user >= 1 && strcmp(again, text) == 0);
    }
}

/* A normal form: it is that of itself, and near what strtod(3) makes of it. */
static void try_decimal(const char *text, size_t length)
{
    char once[DECIMAL_LENGTH + 1];
    char twice[DECIMAL_LENGTH + 1];
    if (decimal_normalise(once, text, length) != ERROR_NONE)
        return;
    fuzz_require(decimal_normalise(twice, once, strlen(once)) == ERROR_NONE);
    fuzz_require(strcmp(once, twice) == 0);
    double have = strtod(once, NULL);
    double want = strtod(text, NULL);
    fuzz_require(have >= want * 0.999999999 && have <= want * 1.000000001);
}

/* The number that `count` digits are. */
static int read_digits(const char *text, int count)
{
    int number = 0;
    while (count-- > 0)
        number = (number * 10) + (*text++ - '0');
    return number;
}

/* The same from the C library, for a text that is a moment in ISO 8601. */
static void compare_moment(const char *text, int64_t moment)
{
    struct tm broken = {.tm_year = read_digits(text, 4) - 1900,
        .tm_mon = read_digits(text + 5, 2) - 1,
        .tm_mday = read_digits(text + 8, 2),
        .tm_hour = read_digits(text + 11, 2),
        .tm_min = read_digits(text + 14, 2),
        .tm_sec = read_digits(text + 17, 2)};
    int64_t seconds = timegm(&broken);
    fuzz_require(
        moment == (seconds * clock_second) + read_digits(text + 20, 6));
}

static void try_moment(const char *text, size_t length)
{
    char again[CLOCK_ISO_LENGTH + 1];
    char stamp[CLOCK_STAMP_LENGTH + 1];
    int64_t moment;
    int64_t other;
    if (clock_parse_iso(text, length, &moment) == ERROR_NONE) {
        clock_format_iso(again, moment);
        fuzz_require(strcmp(again, text) == 0);
        compare_moment(text, moment);
        clock_format_stamp(stamp, moment);
        fuzz_require(clock_parse_stamp(stamp, &other) == ERROR_NONE);
        fuzz_require(moment == other);
    }
    if (clock_parse_stamp(text, &moment) == ERROR_NONE) {
        clock_format_stamp(stamp, moment);
        fuzz_require(strncmp(stamp, text, CLOCK_STAMP_LENGTH) == 0);
    }
    if (clock_parse_rfc3339(text, length, &moment) == ERROR_NONE) {
        clock_format_iso(again, moment);
        fuzz_require(clock_parse_rfc3339(again, CLOCK_ISO_LENGTH, &other) ==
                         ERROR_NONE &&
                     moment == other);
    }
}

/* A key makes the same ID and digest each time. */
static void try_key(const char *text)
{
    struct draft once;
    struct draft twice;
    draft_init(&once);
    draft_init(&twice);
    if (idempotency_set(&once, text) != ERROR_NONE)
        return;
    fuzz_require(id_is_valid(once.id, strlen(once.id)));
    fuzz_require(idempotency_set(&twice, text) == ERROR_NONE);
    fuzz_require(strcmp(once.id, twice.id) == 0);
    fuzz_require(strcmp(once.request_digest, twice.request_digest) == 0);
}

static void try_cursor(const char *text)
{
    if (task_list_cursor_is_valid(text))
        fuzz_require(strlen(text) >= 2 && strlen(text) < TASK_CURSOR_SIZE);
}

void fuzz_one(const char *text, size_t length)
{
    char *string = fuzz_string((struct fuzz_part){text, length});
    length = strlen(string);
    try_number(string, length);
    try_ids(string, length);
    try_decimal(string, length);
    try_moment(string, length);
    try_key(string);
    try_cursor(string);
    free(string);
}
