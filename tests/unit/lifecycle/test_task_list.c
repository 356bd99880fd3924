/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "error.h"
#include "fault.h"
#include "find.h"
#include "task_fixture.h"
#include "task_list.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A name that readings do not meet: it is away while the folder is opened. */
struct missed {
    const struct fixture *fixture;
    unsigned readings; /* that do not, left */
};

static const char place[] = EXECUTING(FUTURE, "l", "a", "t");
static const char aside[] = "tmp/aside";

static void miss(void *context)
{
    struct missed *missed = context;
    int directory = missed->fixture->spool.directory;
    if (missed->readings > 0)
        renameat(directory, place, directory, aside);
    else
        renameat(directory, aside, directory, place);
    missed->readings -= missed->readings > 0;
}

static bool is_listed(const struct fixture *fixture, unsigned readings)
{
    struct missed missed = {fixture, readings};
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {
        &fixture->account, 1U << TASK_EXECUTING, 10, "", ""};
    fixture_put(fixture, place, DROP("a"));
    fault_set_meanwhile(FAULT_OPEN, miss, &missed);
    enum error error = task_list_write(&list, &out);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_NONE);
    bool is_there = strstr(buffer_text(&out), "\"t\"") != NULL;
    buffer_free(&out);
    return is_there;
}

/* As one may that is renewed, and stays where it is. */
static void test_missed_by_a_reading(void **state)
{
    assert_true(is_listed(*state, 0));
    assert_true(is_listed(*state, 1));
    assert_true(is_listed(*state, 2));
    assert_false(is_listed(*state, 100)); /* it ends */
}

/* A lease that is renewed as often as that, each time just before its name is
 * to be found. */
struct renewed {
    const struct fixture *fixture;
    unsigned times; /* left */
    struct path name;
};

static struct path renewed_name(unsigned times)
{
    struct path path;
    snprintf(path.text, sizeof path.text,
        "executing/42/20990101T0000%02u.000000Z-l-998-20260101T000000.000000Z-"
        "a-t.json",
        59 - times);
    return path;
}

static void renew(void *context)
{
    struct renewed *renewed = context;
    int directory = renewed->fixture->spool.directory;
    if (renewed->times == 0)
        return;
    struct path next = renewed_name(--renewed->times);
    renameat(directory, renewed->name.text, directory, next.text);
    renewed->name = next;
}

static bool is_listed_while_renewed(
    const struct fixture *fixture, unsigned times)
{
    struct renewed renewed = {fixture, times, renewed_name(times)};
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {
        &fixture->account, 1U << TASK_EXECUTING, 10, "", ""};
    fixture_put(fixture, renewed.name.text, DROP("a"));
    fault_set_meanwhile(FAULT_OPEN, renew, &renewed);
    enum error error = task_list_write(&list, &out);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(error, ERROR_NONE);
    unlinkat(fixture->spool.directory, renewed.name.text, 0);
    bool is_there = strstr(buffer_text(&out), "\"t\"") != NULL;
    buffer_free(&out);
    return is_there;
}

/* The folder is opened up to three times at first. */
static void test_renewed_while_it_is_written(void **state)
{
    for (unsigned times = 0; times <= 8; times++)
        assert_true(is_listed_while_renewed(*state, times));
    assert_false(is_listed_while_renewed(*state, 50)); /* it ends */
}

/* The page that the cursor of the last one leads to. */
static enum error list_tasks(const struct fixture *fixture, unsigned states,
    size_t limit, struct task_list *list, struct buffer *out)
{
    static char cursor[TASK_CURSOR_SIZE];
    memcpy(cursor, list->next, sizeof cursor);
    *list = (struct task_list){&fixture->account, states, limit, cursor, ""};
    buffer_clear(out);
    return task_list_write(list, out);
}

/* A lease that is renewed, and a listing in which one call fails besides: the
 * task is there, or it is told that the listing failed. */
static void test_renewed_and_failing(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_OPEN, FAULT_STATUS, FAULT_MEMORY};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct task_list list = {.next = ""};
            fixture_renew(*state);
            struct renewed renewed = {*state, 5, renewed_name(5)};
            fixture_put(*state, renewed.name.text, DROP("a"));
            fault_set_meanwhile(FAULT_OPEN, renew, &renewed);
            fault_set(calls[i], which, EACCES);
            enum error error =
                list_tasks(*state, 1U << TASK_EXECUTING, 10, &list, &out);
            fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
            has_come = fault_clear();
            if (error == ERROR_NONE && calls[i] != FAULT_STATUS)
                assert_non_null(strstr(buffer_text(&out), "\"t\""));
            assert_true(error == ERROR_NONE || has_come);
        }
    }
    buffer_free(&out);
}

/* Away for so many readings, from one of them on. */
struct away {
    const struct fixture *fixture;
    unsigned before;
    unsigned readings;
    bool renewed;
};

static void go_away(void *context)
{
    struct away *away = context;
    int directory = away->fixture->spool.directory;
    if (away->before > 0) {
        away->before--;
        return;
    }
    if (away->readings > 0) {
        renameat(directory, place, directory, aside);
        away->readings--;
    } else if (!away->renewed) {
        renameat(directory, aside, directory,
            EXECUTING("20991231T235958.000000Z", "l", "a", "t"));
        away->renewed = true;
    }
}

/* Its new name is not met at first, either. */
static void test_missed_while_it_is_written(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    for (unsigned before = 0; before < 8; before++) {
        for (unsigned readings = 1; readings < 3; readings++) {
            struct task_list list = {.next = ""};
            fixture_renew(*state);
            struct away away = {*state, before, readings, false};
            fixture_put(*state, place, DROP("a"));
            fault_set_meanwhile(FAULT_OPEN, go_away, &away);
            enum error error =
                list_tasks(*state, 1U << TASK_EXECUTING, 10, &list, &out);
            fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
            assert_int_equal(error, ERROR_NONE);
            if (away.renewed)
                assert_non_null(strstr(buffer_text(&out), "\"t\""));
        }
    }
    buffer_free(&out);
}

static enum error remove_folder(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    unlinkat(directory, place, 0);
    unlinkat(directory, "executing/42", AT_REMOVEDIR);
    return ERROR_NONE;
}

/* A person removes all of it: there is nothing to look for again. */
static void test_folder_removed_meanwhile(void **state)
{
    bool has_come = true;
    struct buffer out = BUFFER_EMPTY;
    for (unsigned which = 1; has_come; which++) {
        struct task_list list = {.next = ""};
        fixture_renew(*state);
        fixture_put(*state, place, DROP("a"));
        fault_meet(FAULT_OPEN, which, remove_folder, *state);
        assert_int_equal(
            list_tasks(*state, 1U << TASK_EXECUTING, 10, &list, &out),
            ERROR_NONE);
        has_come = fault_clear();
        assert_true(has_come || out.length > 0);
    }
    buffer_free(&out);
}

/* An entry beside a record is what a crash has left. */
static void test_entry_of_one_that_is_done(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {.next = ""};
    fixture_put(*state, place, DROP("a"));
    fixture_put(*state, COMPLETED("t"), "{}");
    assert_int_equal(
        list_tasks(*state, 1U << TASK_EXECUTING, 10, &list, &out), ERROR_NONE);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
}

/* One that came back while a page is read has two names there, and takes the
 * place of one that is left, who must not be forgotten for that. */
static void test_two_names_of_one(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct task_list list = {.next = ""};
    fixture_put(*state, "pending/42/997-" CREATED "-a-t.json", DROP("a"));
    fixture_put(*state, "pending/42/997-" CREATED "-a-t.r1.json", DROP("a"));
    fixture_put(*state, PENDING("a", "u"), DROP("a"));
    fixture_put(*state, PENDING("a", "v"), DROP("a"));
    assert_int_equal(
        list_tasks(*state, 1U << TASK_PENDING, 2, &list, &out), ERROR_NONE);
    assert_non_null(strstr(buffer_text(&out), "\"t\""));
    assert_non_null(strstr(buffer_text(&out), "\"u\""));
    assert_null(strstr(buffer_text(&out), "\"v\""));
    assert_true(list.next[0] != '\0');
    assert_int_equal(
        list_tasks(*state, 1U << TASK_PENDING, 2, &list, &out), ERROR_NONE);
    assert_non_null(strstr(buffer_text(&out), "\"v\""));
    assert_int_equal(list.next[0], '\0');
    buffer_free(&out);
}

/* What a person makes of the folder before we look why it fails. */
static void close_folder(void *context)
{
    const struct fixture *fixture = context;
    int directory = fixture->spool.directory;
    if (renameat(directory, "done/42", directory, "done/43") == 0)
        fixture_put(fixture, "done/42", "no folder");
}

/* A record that cannot be looked at is left out, but a folder is not. */
static void test_record_or_folder(void **state)
{
    static const unsigned finished = 1U << TASK_COMPLETED | 1U << TASK_FAILED;
    struct buffer out = BUFFER_EMPTY;
    for (int i = 0; i < 2; i++) {
        struct task_list list = {.next = ""};
        fixture_renew(*state);
        fixture_put(*state, COMPLETED("t"), "{}");
        if (i == 1)
            fault_set_meanwhile(FAULT_ACCESS, close_folder, *state);
        fault_set(FAULT_STATUS, 2, EIO);
        enum error error = list_tasks(*state, finished, 10, &list, &out);
        fault_set_meanwhile(FAULT_ACCESS, NULL, NULL);
        assert_true(fault_clear());
        assert_int_equal(error, i == 0 ? ERROR_NONE : ERROR_IO);
        assert_int_equal(out.length, 0);
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_missed_by_a_reading),
        IN_SPOOL(test_renewed_while_it_is_written),
        IN_SPOOL(test_renewed_and_failing),
        IN_SPOOL(test_missed_while_it_is_written),
        IN_SPOOL(test_folder_removed_meanwhile),
        IN_SPOOL(test_entry_of_one_that_is_done),
        IN_SPOOL(test_two_names_of_one),
        IN_SPOOL(test_record_or_folder),
    };
    return cmocka_run_group_tests_name("task_list", tests, NULL, NULL);
}
