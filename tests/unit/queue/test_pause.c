/* SPDX-License-Identifier: MIT */
#include "account.h"
#include "clock.h"
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "pause.h"
#include "queue_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSED "pending/42/PAUSED"

static void expect_reason(const struct fixture *fixture, const char *want)
{
    struct pause pause;
    assert_int_equal(pause_read(&fixture->account, &pause), ERROR_NONE);
    assert_string_equal(pause.reason, want);
}

static void test_not_paused(void **state)
{
    const struct fixture *fixture = *state;
    struct pause pause;
    fixture_put(fixture, "pending/43/PAUSED", "somebody else is");
    fixture_put(fixture, "pending/42/PAUSED.txt", "not the name");
    assert_int_equal(pause_read(&fixture->account, &pause), ERROR_NOT_FOUND);
}

static void test_set(void **state)
{
    const struct fixture *fixture = *state;
    struct pause pause;
    struct stat status;
    int64_t before = clock_now() - clock_second;
    assert_int_equal(pause_set(&fixture->account, "a captcha"), ERROR_NONE);
    assert_int_equal(pause_read(&fixture->account, &pause), ERROR_NONE);
    assert_string_equal(pause.reason, "a captcha");
    assert_true(pause.since >= before && pause.since <= clock_now());
    fixture_expect(fixture, PAUSED, "a captcha\n");
    status = fixture_status(fixture, PAUSED);
    assert_int_equal(status.st_mode & 0777, 0600);
    fixture_expect_tree(fixture, PAUSED "\n");
}

/* As Windows writes it. */
static void test_byte_order_mark(void **state)
{
    fixture_put(*state, PAUSED, "\xEF\xBB\xBFholiday\r\n");
    expect_reason(*state, "holiday");
}

static void test_first_reason_stands(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(pause_set(&fixture->account, "first"), ERROR_NONE);
    fixture_age(fixture, PAUSED, 500);
    ino_t file = fixture_status(fixture, PAUSED).st_ino;
    time_t since = fixture_status(fixture, PAUSED).st_mtim.tv_sec;
    assert_int_equal(pause_set(&fixture->account, "second"), ERROR_NONE);
    expect_reason(fixture, "first");
    assert_int_equal(fixture_status(fixture, PAUSED).st_ino, file);
    assert_int_equal(fixture_status(fixture, PAUSED).st_mtim.tv_sec, since);
    fixture_expect_tree(fixture, PAUSED "\n");
}

struct text_case {
    const char *text;
    const char *reason;
};

static const struct text_case text_cases[] = {
    {"", "paused by hand"},
    {"\n", "paused by hand"},
    {"\nsecond line", "paused by hand"},
    {"holiday", "holiday"},
    {"holiday\n", "holiday"},
    {"holiday\r\nuntil Monday\n", "holiday"},
    {"d\xc3\xa9j\xc3\xa0\n", "d\xc3\xa9j\xc3\xa0"},
    {"broken \xc3\n", "broken \xc3"},
};

static void test_texts_by_hand(void **state)
{
    for (size_t i = 0; i < COUNT_OF(text_cases); i++) {
        fixture_put(*state, PAUSED, text_cases[i].text);
        expect_reason(*state, text_cases[i].reason);
    }
}

/* Cut between two characters. */
static void test_long_text(void **state)
{
    char text[3 * PAUSE_REASON_SIZE] = "x";
    char want[PAUSE_REASON_SIZE] = "x";
    for (size_t i = 0; i < PAUSE_REASON_SIZE; i++)
        memcpy(text + 1 + (2 * i), "\xc3\xa9", 3);
    memcpy(want, text, PAUSE_REASON_SIZE - 1);
    want[PAUSE_REASON_SIZE - 1] = '\0';
    fixture_put(*state, PAUSED, text);
    expect_reason(*state, want);
    text[0] = 'y';
    memmove(text, text + 1, strlen(text));
    memcpy(want, text, PAUSE_REASON_SIZE - 2);
    want[PAUSE_REASON_SIZE - 2] = '\0';
    fixture_put(*state, PAUSED, text);
    expect_reason(*state, want);
}

/* Whatever bears the name: a person meant something by it. */
static void test_other_things_of_that_name(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    char large[8192];
    fixture_put(fixture, "pending/42/a.part", "");
    assert_int_equal(mkdirat(directory, PAUSED, 0700), 0);
    expect_reason(fixture, "paused by hand");
    assert_int_equal(unlinkat(directory, PAUSED, AT_REMOVEDIR), 0);
    assert_int_equal(mkfifoat(directory, PAUSED, 0600), 0);
    expect_reason(fixture, "paused by hand");
    assert_int_equal(unlinkat(directory, PAUSED, 0), 0);
    assert_int_equal(symlinkat("nowhere", directory, PAUSED), 0);
    expect_reason(fixture, "paused by hand");
    assert_int_equal(pause_set(&fixture->account, "new"), ERROR_NONE);
    expect_reason(fixture, "paused by hand");
    assert_int_equal(unlinkat(directory, PAUSED, 0), 0);
    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    fixture_put(fixture, PAUSED, large);
    expect_reason(fixture, "paused by hand");
}

/* Pausing is a change of ours: the index of a deep queue stays good. */
static void test_deep_queue(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    ino_t index = fixture_status(fixture, INDEX).st_ino;
    assert_int_equal(pause_set(&fixture->account, "a captcha"), ERROR_NONE);
    fixture_expect_queue(fixture, 0, MANY - 1);
    assert_int_equal(fixture_status(fixture, INDEX).st_ino, index);
}

static void test_no_room(void **state)
{
    const struct fixture *fixture = *state;
    struct pause pause;
    fixture_put(fixture, "pending/42", "a file where a folder should be");
    assert_int_not_equal(pause_set(&fixture->account, "a captcha"), ERROR_NONE);
    assert_int_not_equal(pause_read(&fixture->account, &pause), ERROR_NONE);
    fixture_expect_tree(fixture, "pending/42\n");
}

static enum error resume(void *context)
{
    const struct fixture *fixture = context;
    return pause_end(&fixture->account);
}

/* Somebody resumes while it is read: it is paused, for some reason, or not. */
static void test_resumed_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    for (int call = 0; call < FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct pause pause = {0, "as it was"};
            fixture_put(fixture, PAUSED, "why");
            fault_meet((enum fault_call)call, which, resume, fixture);
            enum error error = pause_read(&fixture->account, &pause);
            has_come = fault_clear();
            assert_true(error == ERROR_NONE || error == ERROR_NOT_FOUND);
            assert_string_equal(
                pause.reason, error == ERROR_NONE ? "why" : "as it was");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_not_paused),
        IN_SPOOL(test_set),
        IN_SPOOL(test_byte_order_mark),
        IN_SPOOL(test_first_reason_stands),
        IN_SPOOL(test_texts_by_hand),
        IN_SPOOL(test_long_text),
        IN_SPOOL(test_other_things_of_that_name),
        IN_SPOOL(test_deep_queue),
        IN_SPOOL(test_no_room),
        IN_SPOOL(test_resumed_meanwhile),
    };
    return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
