/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "path.h"
#include "reject.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error reject(const struct fixture *fixture, const char *name)
{
    return reject_file(
        &fixture->spool, path_in(SPOOL_PENDING, name), name, "it is no good");
}

static void test_kept_with_its_reason(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/a.json", "the content");
    assert_int_equal(reject(fixture, "a.json"), ERROR_NONE);
    fixture_expect_tree(fixture, "rejected/a.json\nrejected/a.json.why\n");
    fixture_expect(fixture, "rejected/a.json", "the content");
    char *why = fixture_get(fixture, "rejected/a.json.why");
    assert_non_null(strstr(why, "it is no good"));
    assert_non_null(strstr(why, "\"pending/a.json\""));
    free(why);
    assert_true(fixture_logged(fixture, "a.json: it is no good"));
}

/* Never one over another, nor over the reason of another. */
static void test_names_that_are_taken(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "rejected/b.json.why", "of one that is gone");
    static const char *const texts[] = {"first", "second", "third"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_put(fixture, "pending/a.json", texts[i]);
        assert_int_equal(reject(fixture, "a.json"), ERROR_NONE);
    }
    fixture_put(fixture, "rejected/c.json", "its reason was removed");
    fixture_put(fixture, "pending/b.json", "b");
    fixture_put(fixture, "pending/c.json", "c");
    assert_int_equal(reject(fixture, "b.json"), ERROR_NONE);
    assert_int_equal(reject(fixture, "c.json"), ERROR_NONE);
    fixture_expect(fixture, "rejected/c.json", "its reason was removed");
    fixture_expect(fixture, "rejected/c.json.2", "c");
    fixture_expect(fixture, "rejected/a.json", "first");
    fixture_expect(fixture, "rejected/a.json.2", "second");
    fixture_expect(fixture, "rejected/a.json.3", "third");
    fixture_expect(fixture, "rejected/b.json.2", "b");
    fixture_expect(fixture, "rejected/b.json.why", "of one that is gone");
    assert_int_equal(fixture_count(fixture, "rejected"), 12);
}

/* Nor where that cannot be told. */
static void test_names_in_doubt(void **state)
{
    const struct fixture *fixture = *state;
    bool has_come = true;
    fixture_put(fixture, "rejected/a.json", "its reason was removed");
    for (unsigned which = 1; has_come; which++) {
        fixture_put(fixture, "pending/a.json", "another");
        fault_set(FAULT_STATUS, which, EIO);
        reject(fixture, "a.json");
        has_come = fault_clear();
        fixture_expect(fixture, "rejected/a.json", "its reason was removed");
    }
}

static void test_hostile_names(void **state)
{
    const struct fixture *fixture = *state;
    char longest[256];
    memset(longest, 'x', 250);
    memcpy(longest + 250, ".json", 6);
    const char *const names[] = {
        longest, "new\nline.json", "\xFF\xFE.json", "%s%n.json", "a\".json"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        fixture_put(fixture, path_in(SPOOL_PENDING, names[i]).text, "x");
        for (int again = 0; again < 2; again++) {
            fixture_put(fixture, path_in(SPOOL_PENDING, names[i]).text, "x");
            enum error error = reject(fixture, names[i]);
            if (error != ERROR_NONE)
                fail_msg("%s: have error %d", names[i], (int)error);
        }
    }
    assert_int_equal(fixture_count(fixture, "pending"), 0);
    assert_int_equal(fixture_count(fixture, "rejected"), 4 * COUNT_OF(names));
    char *log = fixture_get(fixture, "log/events.log");
    size_t lines = 0;
    for (const char *c = log; *c != '\0'; c++)
        lines += *c == '\n';
    free(log);
    assert_int_equal(lines, 2 * COUNT_OF(names));
}

static void test_things_that_are_no_files(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    assert_int_equal(mkfifoat(directory, "pending/f.json", 0600), 0);
    assert_int_equal(symlinkat("/etc/passwd", directory, "pending/l.json"), 0);
    fixture_put(fixture, "pending/d.json/inside", "kept");
    assert_int_equal(reject(fixture, "f.json"), ERROR_NONE);
    assert_int_equal(reject(fixture, "l.json"), ERROR_NONE);
    assert_int_equal(reject(fixture, "d.json"), ERROR_NONE);
    fixture_expect(fixture, "rejected/d.json/inside", "kept");
    assert_int_equal(fixture_count(fixture, "pending"), 0);
    assert_int_equal(fixture_count(fixture, "rejected"), 6);
}

static void test_somebody_else_took_it(void **state)
{
    assert_int_equal(reject(*state, "gone.json"), ERROR_NOT_FOUND);
    fixture_expect_tree(*state, "");
    assert_false(fixture_logged(*state, "gone"));
}

static void test_no_folder(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/a.json", "x");
    unlinkat(fixture->spool.directory, "rejected", AT_REMOVEDIR);
    assert_int_equal(reject(fixture, "a.json"), ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "rejected"), 2);
}

static void test_no_place(void **state)
{
    const struct fixture *fixture = *state;
    fixture_put(fixture, "pending/a.json", "x");
    unlinkat(fixture->spool.directory, "rejected", AT_REMOVEDIR);
    fixture_put(fixture, "rejected", "a file where a folder should be");
    assert_int_not_equal(reject(fixture, "a.json"), ERROR_NONE);
    fixture_expect(fixture, "pending/a.json", "x");
}

/* Over a network the rename may be done, and yet fail. */
static void test_done_and_yet_failed(void **state)
{
    fixture_put(*state, "pending/a.json", "x");
    fault_set_late(FAULT_NAMES, 1, EIO);
    enum error error = reject(*state, "a.json");
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_NONE);
    fixture_expect_tree(*state, "rejected/a.json\nrejected/a.json.why\n");
}

/* Where there are so many of that name it stays. */
static void test_all_names_are_taken(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, "pending/a.json", "the content");
    fixture_put(fixture, "rejected/a.json", "");
    for (int n = 2; n <= 1000; n++) {
        char path[40];
        snprintf(path, sizeof path, "rejected/a.json.%d", n);
        assert_int_equal(
            linkat(directory, "rejected/a.json", directory, path, 0), 0);
    }
    assert_int_equal(reject(fixture, "a.json"), ERROR_EXISTS);
    fixture_expect(fixture, "pending/a.json", "the content");
    assert_int_equal(fixture_count(fixture, "rejected"), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_kept_with_its_reason),
        IN_SPOOL(test_names_that_are_taken),
        IN_SPOOL(test_names_in_doubt),
        IN_SPOOL(test_hostile_names),
        IN_SPOOL(test_things_that_are_no_files),
        IN_SPOOL(test_somebody_else_took_it),
        IN_SPOOL(test_no_folder),
        IN_SPOOL(test_no_place),
        IN_SPOOL(test_done_and_yet_failed),
        IN_SPOOL(test_all_names_are_taken),
    };
    return cmocka_run_group_tests_name("reject", tests, NULL, NULL);
}
