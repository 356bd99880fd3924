/* SPDX-License-Identifier: MIT */
#include "clock.h"
#include "error.h"
#include "ingest_fixture.h"
#include "log.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct line_case {
    const char *text;
    const char *want;
};

static const struct line_case line_cases[] = {
    {"plain", "plain"},
    {"", ""},
    {"100 %", "100 %"},
    {"two\nlines", "two?lines"},
    {"2024-01-01T00:00:00.000000Z x\r\n", "2024-01-01T00:00:00.000000Z x??"},
    {"\x1B[2Jclear", "?[2Jclear"},
    {"tab\tdel\x7F", "tab?del?"},
    {"caf\xC3\xA9", "caf\xC3\xA9"},
};

static void test_lines(void **state)
{
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(line_cases); i++)
        log_event(&fixture->spool, "word", "%s", line_cases[i].text);
    char *log = fixture_get(fixture, "log/events.log");
    const char *line = log;
    for (size_t i = 0; i < COUNT_OF(line_cases); i++) {
        int64_t moment;
        size_t length = strlen(line_cases[i].want);
        assert_int_equal(
            clock_parse_iso(line, CLOCK_ISO_LENGTH, &moment), ERROR_NONE);
        assert_memory_equal(line + CLOCK_ISO_LENGTH, " word ", 6);
        line += CLOCK_ISO_LENGTH + 6;
        if (strncmp(line, line_cases[i].want, length) != 0 ||
            line[length] != '\n')
            fail_msg("have %s, want %s", line, line_cases[i].want);
        line += length + 1;
    }
    assert_string_equal(line, "");
    free(log);
}

/* Every length around the limit: one line each, and a cut one says so. */
static void test_lengths(void **state)
{
    const struct fixture *fixture = *state;
    char text[1100];
    for (size_t length = 940; length < sizeof text; length++) {
        memset(text, 'x', sizeof text);
        text[length] = '\0';
        log_event(&fixture->spool, "w", "%s", text);
        char *log = fixture_get(fixture, "log/events.log");
        size_t head = CLOCK_ISO_LENGTH + 3;
        bool fits = head + length < LOG_LINE_MAX;
        size_t have = strlen(log);
        if (have > LOG_LINE_MAX || log[have - 1] != '\n' ||
            memchr(log, '\n', have - 1) != NULL ||
            fits != (strstr(log, "...") == NULL) ||
            (fits && have != head + length + 1))
            fail_msg("%zu: have a line of %zu", length, have);
        free(log);
        unlinkat(fixture->spool.directory, "log/events.log", 0);
    }
}

static void test_places(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    struct stat status;
    assert_int_equal(unlinkat(directory, "log", AT_REMOVEDIR), 0);
    log_event(&fixture->spool, "w", "made");
    assert_true(fixture_logged(fixture, " w made\n"));
    assert_int_equal(fstatat(directory, "log/events.log", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    /* Not through a link, and never an error. */
    unlinkat(directory, "log/events.log", 0);
    assert_int_equal(symlinkat("../tmp/x", directory, "log/events.log"), 0);
    log_event(&fixture->spool, "w", "lost");
    fixture_expect_tree(fixture, "");
}

/* Whom nobody reads is waited for by nobody. */
static void test_fifo(void **state)
{
    const struct fixture *fixture = *state;
    const char *line = "a line\n";
    char have[32] = "";
    fixture_put(fixture, "log/x", "");
    assert_int_equal(
        mkfifoat(fixture->spool.directory, "log/access.log", 0600), 0);
    alarm(60); /* it would wait for ever */
    log_line(&fixture->spool, "access.log", "lost");
    alarm(0);
    int reader = openat(
        fixture->spool.directory, "log/access.log", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    log_line(&fixture->spool, "access.log", "a line");
    assert_int_equal(read(reader, have, sizeof have - 1), strlen(line));
    assert_string_equal(have, line);
    close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_lines),
        IN_SPOOL(test_lengths),
        IN_SPOOL(test_places),
        IN_SPOOL(test_fifo),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
