/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* for syscall(2) */
#include "clock.h"

#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct civil {
    int64_t year, month, day, hour, minute, second, micro;
};

/* What saves a system call, Linux's vDSO, has first to be searched for its
 * symbol and mapped in, two page faults: 6 us in all, which a program that asks
 * five times does not get back. Where a long has 32 bits the call would take
 * another structure. */
static int64_t get_time(clockid_t clock)
{
    struct timespec now;
#if defined(SYS_clock_gettime) && LONG_MAX > INT32_MAX
    if (syscall(SYS_clock_gettime, clock, &now) == 0)
        return clock_from_timespec(now);
#endif
    clock_gettime(clock, &now);
    return clock_from_timespec(now);
}

static int64_t last;

int64_t clock_now(void)
{
    last = get_time(CLOCK_REALTIME);
    return last;
}

int64_t clock_last(void)
{
    return last;
}

int64_t clock_steady(void)
{
    return get_time(CLOCK_MONOTONIC);
}

int64_t clock_steady_at(int64_t moment)
{
    return clock_steady() + (moment - clock_now());
}

/* The moments that names and records can write. */
static const int64_t year_0 = INT64_C(-62167219200000000);
static const int64_t year_10000 = INT64_C(253402300800000000);

int64_t clock_from_timespec(struct timespec time)
{
    if (time.tv_sec < year_0 / clock_second)
        return year_0;
    if (time.tv_sec >= year_10000 / clock_second)
        return year_10000 - clock_second;
    return ((int64_t)time.tv_sec * clock_second) + (time.tv_nsec / 1000);
}

struct timespec clock_to_timespec(int64_t moment)
{
    return (struct timespec){.tv_sec = (time_t)(moment / clock_second),
        .tv_nsec = (long)(moment % clock_second * 1000)};
}

/* A tick is at most 10 ms (HZ=100); whole seconds show as such. */
static const int64_t fine_tick = 20000;
static const int64_t coarse_tick = 2 * clock_second;

bool clock_is_racy(struct timespec changed, int64_t now)
{
    int64_t tick = changed.tv_nsec == 0 ? coarse_tick : fine_tick;
    return now < clock_from_timespec(changed) + tick;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. The
 * year is taken to start in March, so that the leap day is its last. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era_year = shifted + 400; /* never negative for year >= 0 */
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = ((153 * month_from_march + 2) / 5) + day - 1;
    int64_t leap_days = (era_year / 4) - (era_year / 100) + (era_year / 400);
    static const int64_t days_before_1970 = 719468 + 146097;
    return (era_year * 365) + leap_days + day_of_year - days_before_1970;
}

static int64_t moment_from_civil(const struct civil *civil)
{
    int64_t days = days_from_civil(civil->year, civil->month, civil->day);
    int64_t seconds =
        (((days * 24 + civil->hour) * 60 + civil->minute) * 60) + civil->second;
    return (seconds * clock_second) + civil->micro;
}

static struct civil civil_from_moment(int64_t moment)
{
    int64_t micro = moment % clock_second;
    if (micro < 0)
        micro += clock_second;
    time_t seconds = (time_t)((moment - micro) / clock_second);
    struct tm broken;
    gmtime_r(&seconds, &broken);
    return (struct civil){broken.tm_year + 1900, broken.tm_mon + 1,
        broken.tm_mday, broken.tm_hour, broken.tm_min, broken.tm_sec, micro};
}

static void put_digits(char *out, int64_t number, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + (number % 10));
        number /= 10;
    }
}

/* Where the parts of a moment stand in a text: the pattern has a '0' for each
 * digit. */
enum {
    PARTS = 7
};

struct layout {
    const char *pattern;
    int at[PARTS];
};

static const int widths[PARTS] = {4, 2, 2, 2, 2, 2, 6};
static const struct layout stamp_layout = {
    "00000000T000000.000000Z", {0, 4, 6, 9, 11, 13, 16}};
static const struct layout iso_layout = {
    "0000-00-00T00:00:00.000000Z", {0, 5, 8, 11, 14, 17, 20}};

static void format(char *out, const struct layout *layout, int64_t moment)
{
    struct civil civil = civil_from_moment(moment);
    const int64_t parts[PARTS] = {civil.year, civil.month, civil.day,
        civil.hour, civil.minute, civil.second, civil.micro};
    memcpy(out, layout->pattern, strlen(layout->pattern) + 1);
    for (int i = 0; i < PARTS; i++)
        put_digits(out + layout->at[i], parts[i], widths[i]);
}

void clock_format_stamp(char out[CLOCK_STAMP_LENGTH + 1], int64_t moment)
{
    format(out, &stamp_layout, moment);
}

void clock_format_iso(char out[CLOCK_ISO_LENGTH + 1], int64_t moment)
{
    format(out, &iso_layout, moment);
}

/* Compares text with a pattern in which '0' stands for any digit. */
static bool matches(const char *text, const char *pattern)
{
    for (; *pattern != '\0'; text++, pattern++) {
        bool digit = *text >= '0' && *text <= '9';
        if (*pattern == '0' ? !digit : *text != *pattern)
            return false;
    }
    return true;
}

static int64_t get_digits(const char *text, int width)
{
    int64_t number = 0;
    for (int i = 0; i < width; i++)
        number = (number * 10) + (text[i] - '0');
    return number;
}

static enum error civil_to_moment(const struct civil *civil, int64_t *moment)
{
    if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
        civil->day > days_in_month(civil->year, civil->month) ||
        civil->hour > 23 || civil->minute > 59 || civil->second > 59)
        return ERROR_SYNTAX;
    *moment = moment_from_civil(civil);
    return ERROR_NONE;
}

static enum error parse(
    const char *text, const struct layout *layout, int64_t *moment)
{
    int64_t parts[PARTS];
    if (!matches(text, layout->pattern))
        return ERROR_SYNTAX;
    for (int i = 0; i < PARTS; i++)
        parts[i] = get_digits(text + layout->at[i], widths[i]);
    struct civil civil = {
        parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]};
    return civil_to_moment(&civil, moment);
}

enum error clock_parse_stamp(const char *text, int64_t *moment)
{
    return parse(text, &stamp_layout, moment);
}

enum error clock_parse_iso(const char *text, size_t length, int64_t *moment)
{
    return length == CLOCK_ISO_LENGTH ? parse(text, &iso_layout, moment)
                                      : ERROR_SYNTAX;
}

/* Takes ".123…" off the text, which is not empty, as microseconds. False for a
 * point without digits. */
static bool take_fraction(const char **text, const char *end, int64_t *micro)
{
    int64_t unit = clock_second;
    *micro = 0;
    if (**text != '.')
        return true;
    const char *start = ++*text;
    for (; *text < end && **text >= '0' && **text <= '9'; ++*text) {
        unit /= 10;
        *micro += (**text - '0') * unit;
    }
    return *text > start;
}

/* What stands behind the time: how far local time is ahead of UTC. */
static bool read_offset(const char *text, size_t length, int64_t *offset)
{
    char zone[7] = "";
    *offset = 0;
    if (length == 1 && (text[0] == 'Z' || text[0] == 'z'))
        return true;
    if (length != 6 || (text[0] != '+' && text[0] != '-'))
        return false;
    memcpy(zone, text + 1, 5);
    if (!matches(zone, "00:00"))
        return false;
    int64_t hours = get_digits(zone, 2);
    int64_t minutes = get_digits(zone + 3, 2);
    *offset = (hours * 60 + minutes) * 60 * clock_second;
    if (text[0] == '-')
        *offset = -*offset;
    return hours <= 23 && minutes <= 59;
}

/* An offset may lead out of them. */
static bool can_be_written(int64_t moment)
{
    return moment >= year_0 && moment < year_10000;
}

enum error clock_parse_rfc3339(const char *text, size_t length, int64_t *moment)
{
    static const char until_second[] = "0000-00-00T00:00:00";
    enum {
        SECOND_LENGTH = sizeof until_second - 1
    };
    char whole[CLOCK_ISO_LENGTH + 1] = "";
    const char *end = text + length;
    int64_t micro;
    int64_t offset;
    int64_t second;
    if (length <= SECOND_LENGTH)
        return ERROR_SYNTAX;
    memcpy(whole, text, SECOND_LENGTH);
    memcpy(whole + SECOND_LENGTH, ".000000Z", 9);
    if (whole[10] == 't' || whole[10] == ' ')
        whole[10] = 'T';
    text += SECOND_LENGTH;
    if (!take_fraction(&text, end, &micro) ||
        !read_offset(text, (size_t)(end - text), &offset) ||
        clock_parse_iso(whole, CLOCK_ISO_LENGTH, &second) != ERROR_NONE ||
        !can_be_written(second + micro - offset))
        return ERROR_SYNTAX;
    *moment = second + micro - offset;
    return ERROR_NONE;
}
