/* SPDX-License-Identifier: MIT */
/* The records of a deep done/42 in their order, asking few of them. */
#include "done_index.h"

#include "done_base.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "name_list.h"
#include "task_fixture.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE "index/42.done"
#define SINCE "index/42.done.since"

enum {
    RECORDS = DONE_INDEX_LEAST + 20,
    FEW = 12,           /* looks at files that a listing by notes needs */
    BEGAN = 1733565600, /* when the first was completed */
    LONG_AGO = 100000   /* seconds */
};

/* Completes a task at a moment in seconds. */
static void complete(
    const struct fixture *fixture, const char *path, int64_t moment)
{
    const struct timespec times[2] = {
        {.tv_sec = (time_t)moment}, {.tv_sec = (time_t)moment}};
    fixture_put(fixture, path, "{}");
    assert_int_equal(utimensat(fixture->spool.directory, path, times, 0), 0);
}

/* Half a minute ago nothing was done in the folder any more. */
static void settle(const struct fixture *fixture, int seconds)
{
    fixture_age(fixture, "done/42", seconds);
}

static void fill(const struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        char path[100];
        snprintf(path, sizeof path, "done/42/f%04d.%s.json", i,
            i % 10 == 3 ? "failed" : "completed");
        complete(fixture, path, BEGAN + i);
    }
    settle(fixture, LONG_AGO);
}

struct heard {
    struct name_list keys;
    const char *after;
    int left_out;
};

static bool hear(void *context, const char *key, const char *name)
{
    struct heard *heard = context;
    assert_string_equal(key + DONE_DASH_AT + 1, name);
    if (strcmp(key, heard->after) <= 0)
        return false;
    return name_list_append(&heard->keys, key, strlen(key)) == ERROR_NONE;
}

static enum error leave_out(void *context, struct path path, enum error error)
{
    struct heard *heard = context;
    (void)path;
    heard->left_out++;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error ask(const struct fixture *fixture, const char *after,
    size_t most, struct heard *heard)
{
    const struct done_visitor visitor = {heard, hear, leave_out};
    *heard = (struct heard){.keys = NAME_LIST_EMPTY, .after = after};
    return done_index_each(&fixture->account, after, most, &visitor);
}

/* All keys behind `after`, from the folder itself. */
static void look(
    const struct fixture *fixture, const char *after, struct name_list *keys)
{
    int folder = openat(fixture->spool.directory, "done/42", O_RDONLY);
    DIR *list = folder < 0 ? NULL : fdopendir(folder);
    struct dirent *entry;
    if (list == NULL)
        return;
    while ((entry = readdir(list)) != NULL) {
        struct stat status;
        char key[DONE_KEY_SIZE];
        if (entry->d_name[0] == '.')
            continue;
        fstatat(folder, entry->d_name, &status, 0);
        done_key_format(key, &status, entry->d_name);
        if (strcmp(key, after) > 0)
            name_list_append(keys, key, strlen(key));
    }
    closedir(list);
    name_list_sort(keys);
}

static bool has_gone(const struct fixture *fixture, const char *key)
{
    struct path path = path_in_user(SPOOL_DONE, 42, key + DONE_DASH_AT + 1);
    return faccessat(fixture->spool.directory, path.text, F_OK, 0) != 0;
}

/* Fails the test unless the `most` first behind `after` are told, in one order
 * with whatever else; copies the last into `last`. */
static void expect_page(const struct fixture *fixture, const char *after,
    size_t most, char last[DONE_KEY_SIZE])
{
    struct heard heard;
    struct name_list want = NAME_LIST_EMPTY;
    size_t next = 0;
    assert_int_equal(ask(fixture, after, most, &heard), ERROR_NONE);
    name_list_sort(&heard.keys);
    look(fixture, after, &want);
    for (size_t i = 0; i < most && i < want.count; i++) {
        char have[DONE_KEY_SIZE];
        do {
            assert_true(next < heard.keys.count);
            name_list_copy(&heard.keys, next++, have, sizeof have);
        } while (has_gone(fixture, have));
        name_list_copy(&want, i, last, DONE_KEY_SIZE);
        assert_string_equal(have, last);
    }
    name_list_free(&heard.keys);
    name_list_free(&want);
}

/* The same, without reading the folder and with few looks at files. */
static void expect_noted(const struct fixture *fixture, const char *after,
    size_t most, char last[DONE_KEY_SIZE])
{
    struct heard heard;
    struct buffer steps = BUFFER_EMPTY;
    fault_watch(&steps);
    fault_set(FAULT_STATUS, FEW, EIO);
    assert_int_equal(ask(fixture, after, most, &heard), ERROR_NONE);
    assert_false(fault_clear());
    fault_watch(NULL);
    assert_null(strstr(buffer_text(&steps), "list done"));
    buffer_free(&steps);
    name_list_free(&heard.keys);
    expect_page(fixture, after, most, last);
}

/* With a base there are few looks, though the folder is read. */
static void expect_read(const struct fixture *fixture, unsigned looks)
{
    struct heard heard;
    char last[DONE_KEY_SIZE];
    struct buffer steps = BUFFER_EMPTY;
    fault_watch(&steps);
    fault_set(FAULT_STATUS, looks, EIO);
    assert_int_equal(ask(fixture, "", 50, &heard), ERROR_NONE);
    assert_false(fault_clear());
    fault_watch(NULL);
    assert_non_null(strstr(buffer_text(&steps), "list done/42"));
    buffer_free(&steps);
    name_list_free(&heard.keys);
    expect_page(fixture, "", 50, last);
}

static void expect_there(const struct fixture *fixture, bool there)
{
    int directory = fixture->spool.directory;
    assert_int_equal(faccessat(directory, BASE, F_OK, 0), there ? 0 : -1);
    assert_int_equal(faccessat(directory, SINCE, F_OK, 0), there ? 0 : -1);
}

static void test_few(void **state)
{
    char last[DONE_KEY_SIZE];
    expect_page(*state, "", 10, last); /* there is no folder */
    fill(*state, DONE_INDEX_LEAST - 1);
    expect_page(*state, "", 10, last);
    expect_there(*state, false);
}

/* Page after page, of any size. */
static void test_pages(void **state)
{
    static const size_t sizes[] = {1, 7, 50, RECORDS + 5};
    const struct fixture *fixture = *state;
    fill(fixture, RECORDS);
    char last[DONE_KEY_SIZE];
    expect_page(fixture, "", 3, last);
    expect_there(fixture, true);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char after[DONE_KEY_SIZE] = "";
        for (size_t told = 0; told < RECORDS; told += sizes[i] + 90) {
            expect_noted(fixture, after, sizes[i], last);
            memcpy(after, last, sizeof after);
        }
    }
    memset(last, '9', DONE_DASH_AT);
    expect_noted(fixture, last, 10, last);
}

/* One that comes, one that goes, one that fails anew: a page from the beginning
 * tells so, and notes it for those behind. */
static void test_changes(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    expect_page(fixture, "", 1, last);
    complete(fixture, COMPLETED("new"), BEGAN + 100000);
    complete(fixture, FAILED("f0003"), BEGAN + 200000);
    unlinkat(fixture->spool.directory, "done/42/f0500.completed.json", 0);
    settle(fixture, LONG_AGO - 10);
    expect_read(fixture, (RECORDS / 10) + FEW);
    expect_noted(fixture, "", 2, last);
    expect_noted(fixture, last, 20, last);
    expect_noted(fixture, "", RECORDS + 5, last);
}

/* A record is where it was completed last, also where one was there before. */
static void test_forget(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    expect_page(fixture, "", 1, last);
    unlinkat(fixture->spool.directory, "done/42/f0500.completed.json", 0);
    done_index_forget(&fixture->account);
    complete(fixture, COMPLETED("f0500"), BEGAN + 100000);
    settle(fixture, LONG_AGO - 10);
    expect_page(fixture, "", 10, last);
    expect_noted(fixture, "", 10, last);
}

/* Behind a page that was told a moment ago the folder may have changed. */
static void test_behind(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    expect_page(fixture, "", 10, last);
    complete(fixture, COMPLETED("new"), BEGAN + 100000);
    expect_noted(fixture, last, 10, last);
    fixture_age(fixture, SINCE, 16);
    expect_read(fixture, (RECORDS / 10) + FEW);
}

/* What changed a moment ago may change again within the same tick. */
static void test_racy(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    complete(fixture, COMPLETED("new"), BEGAN + 100000);
    expect_page(fixture, "", 10, last);
    expect_read(fixture, (RECORDS / 10) + FEW);
    expect_noted(fixture, last, 10, last);
}

static struct stat status_of(const struct fixture *fixture, const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, path, &status, 0), 0);
    return status;
}

/* It is made anew when it is old, or much has changed. */
static void test_made_anew(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS + 600);
    expect_page(fixture, "", 10, last);
    struct stat made = status_of(fixture, BASE);
    settle(fixture, LONG_AGO - 10);
    expect_page(fixture, "", 10, last);
    assert_int_equal(status_of(fixture, BASE).st_ino, made.st_ino);
    for (int i = 0; i < 600; i++) {
        char path[100];
        snprintf(path, sizeof path, "done/42/f%04d.completed.json", i);
        unlinkat(fixture->spool.directory, path, 0);
    }
    settle(fixture, LONG_AGO - 20);
    expect_page(fixture, "", 10, last);
    assert_true(status_of(fixture, BASE).st_size < made.st_size);
    fixture_age(fixture, BASE, DONE_BASE_BELIEVED + 1);
    settle(fixture, LONG_AGO - 30);
    expect_page(fixture, "", 10, last);
    assert_true(status_of(fixture, BASE).st_mtim.tv_sec >
                made.st_mtim.tv_sec - DONE_BASE_BELIEVED);
}

static void spoil(const struct fixture *fixture, const char *path, off_t at)
{
    int descriptor = openat(fixture->spool.directory, path, O_RDWR);
    char byte;
    assert_int_equal(pread(descriptor, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(descriptor, &byte, 1, at), 1);
    close(descriptor);
}

/* Whatever a loss of power has left of them. */
static void test_torn(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    static const off_t places[] = {0, 20, 40, DONE_BLOCK + 200};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        expect_page(fixture, "", 100, last);
        spoil(fixture, BASE, places[i]);
        expect_page(fixture, "", 100, last);
        settle(fixture, LONG_AGO - 10 - (int)i);
        expect_page(fixture, "", 100, last);
    }
    static const off_t keys_at = (off_t)4 * DONE_NUMBER;
    for (off_t at = 0; at < keys_at; at += 7) {
        expect_page(fixture, "", 10, last);
        spoil(fixture, SINCE, at);
        expect_page(fixture, "", 10, last);
    }
    complete(fixture, COMPLETED("new"), BEGAN + 100000);
    settle(fixture, LONG_AGO - 40);
    expect_page(fixture, "", 10, last);
    spoil(fixture, SINCE, keys_at + DONE_DASH_AT - 10);
    expect_page(fixture, "", 10, last);
    fixture_put(fixture, SINCE, "");
    expect_page(fixture, "", 10, last);
    fixture_put(fixture, BASE, "");
    settle(fixture, LONG_AGO - 50);
    expect_page(fixture, "", 10, last);
}

/* Nothing that a network's file system says of times proves anything. */
static void test_shared(void **state)
{
    char last[DONE_KEY_SIZE];
    fill(*state, RECORDS);
    fault_share(true);
    expect_page(*state, "", 10, last);
    fault_share(false);
    expect_there(*state, false);
    expect_page(*state, "", 10, last);
    expect_there(*state, true);
    fault_share(true);
    expect_read(*state, RECORDS + FEW);
    fault_share(false);
}

/* What was noted beside another base. */
static void test_another_base(void **state)
{
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    struct name_list none = NAME_LIST_EMPTY;
    fill(fixture, RECORDS);
    expect_page(fixture, "", 10, last);
    assert_int_equal(done_base_write(&fixture->account, &none, 1), ERROR_NONE);
    expect_page(fixture, "", 10, last);
}

/* A record that cannot be looked at is the visitor's to judge. */
static void test_left_out(void **state)
{
    struct heard heard;
    fill(*state, 3);
    fault_set(FAULT_STATUS, 2, EIO);
    assert_int_equal(ask(*state, "", 10, &heard), ERROR_IO);
    name_list_free(&heard.keys);
    assert_true(fault_clear());
    fault_set(FAULT_STATUS, 2, ENOENT);
    assert_int_equal(ask(*state, "", 10, &heard), ERROR_NONE);
    assert_int_equal(heard.keys.count, 2);
    name_list_free(&heard.keys);
    assert_true(fault_clear());
}

/* Other programs at the moment before a new base is put in its place: one has
 * completed a task anew, which the old base would have where it was. */
static enum error complete_anew(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, "done/42/f0500.completed.json", 0);
    done_index_forget(&fixture->account);
    complete(fixture, COMPLETED("f0500"), BEGAN + 100000);
    return ERROR_NONE;
}

static void test_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    struct heard heard;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    fault_meet(FAULT_NAMES, 1, complete_anew, *state);
    assert_int_equal(ask(fixture, "", 10, &heard), ERROR_NONE);
    name_list_free(&heard.keys);
    fault_clear();
    expect_there(fixture, false);
    settle(fixture, LONG_AGO - 10);
    expect_page(fixture, "", 10, last);
}

static enum error list_all(void *context)
{
    struct heard heard;
    const struct fixture *fixture = context;
    settle(fixture, LONG_AGO - 20);
    enum error error = ask(fixture, "", 10, &heard);
    name_list_free(&heard.keys);
    return error;
}

/* Of what keeps it from noting it tells nobody; nor does it then leave notes
 * that are not so. */
static void test_fault(void **state)
{
    static const enum fault_call calls[] = {FAULT_OPEN, FAULT_READ, FAULT_WRITE,
        FAULT_NAMES, FAULT_MEMORY, FAULT_RANDOM, FAULT_CLOSE};
    const struct fixture *fixture = *state;
    char last[DONE_KEY_SIZE];
    fill(fixture, RECORDS);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        bool struck = true;
        for (unsigned which = 1; which < 40 && struck; which++) {
            struct heard heard;
            if (which % 2 == 0)
                done_index_forget(&fixture->account);
            complete(fixture, COMPLETED("new"), BEGAN + 100000 + which);
            settle(fixture, LONG_AGO - 100 - (int)which);
            fault_set(calls[i], which, EIO);
            ask(fixture, "", 10, &heard);
            struck = fault_clear();
            name_list_free(&heard.keys);
            done_index_forget(&fixture->account);
            expect_page(fixture, "", 10, last);
        }
        assert_false(struck);
        assert_int_equal(list_all(*state), ERROR_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_few),
        IN_SPOOL(test_pages),
        IN_SPOOL(test_changes),
        IN_SPOOL(test_forget),
        IN_SPOOL(test_behind),
        IN_SPOOL(test_racy),
        IN_SPOOL(test_made_anew),
        IN_SPOOL(test_torn),
        IN_SPOOL(test_shared),
        IN_SPOOL(test_another_base),
        IN_SPOOL(test_left_out),
        IN_SPOOL(test_meanwhile),
        IN_SPOOL(test_fault),
    };
    return cmocka_run_group_tests_name("done_index", tests, NULL, NULL);
}
