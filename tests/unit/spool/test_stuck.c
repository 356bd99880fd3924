/* SPDX-License-Identifier: MIT */
/* What is told of it, how often, and for how long. What root alone can bring
 * about is tried in tests/stuck.t. */
#include "fault.h"
#include "ingest_fixture.h"
#include "stuck.h"
#include "stuck_cause.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "pending/42/a.json"

struct told {
    unsigned count;
    int64_t user;
    char path[SPOOL_PATH_MAX];
    char problem[64];
    char fix[400];
};

static void keep(void *context, const struct stuck *stuck)
{
    struct told *told = context;
    told->count++;
    told->user = stuck->user;
    snprintf(told->path, sizeof told->path, "%s", stuck->path);
    snprintf(told->problem, sizeof told->problem, "%s", stuck->problem);
    snprintf(told->fix, sizeof told->fix, "%s", stuck->fix);
}

static struct told look(const struct fixture *fixture, bool forget)
{
    struct told told = {0};
    stuck_each(&fixture->spool, forget, keep, &told);
    return told;
}

static bool note(
    const struct fixture *fixture, const char *path, enum error error)
{
    struct path place = {""};
    snprintf(place.text, sizeof place.text, "%s", path);
    return stuck_note(&fixture->spool, 42, place, error, 0);
}

/* A file with which nothing is wrong but what was met. */
static const struct fixture *meet(void **state, enum error error)
{
    fixture_put(*state, PLACE, "{}");
    assert_true(note(*state, PLACE, error));
    return *state;
}

static size_t count_words(const struct fixture *fixture, const char *words)
{
    size_t count = 0;
    char *log = fixture_get(fixture, "log/events.log");
    for (const char *at = log; at != NULL && (at = strstr(at, words)) != NULL;
        at++)
        count++;
    free(log);
    return count;
}

static void test_told_once(void **state)
{
    const struct fixture *fixture = meet(state, ERROR_IO);
    for (int i = 0; i < 3; i++)
        assert_true(note(fixture, PLACE, ERROR_IO));
    assert_int_equal(count_words(fixture, " stuck " PLACE ": "), 1);
    struct told told = look(fixture, true);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.user, 42);
    assert_string_equal(told.path, PLACE);
    assert_string_equal(told.problem, "input/output error");
    assert_int_equal(strncmp(told.fix, "mv '/", 5), 0);
}

static void test_denied_without_cause(void **state)
{
    struct told told = look(meet(state, ERROR_DENIED), true);
    assert_string_equal(told.problem, "permission denied");
    assert_int_equal(strncmp(told.fix, "chattr -ia '/", 13), 0);
}

/* Of these nothing is told. */
static void test_other_errors(void **state)
{
    static const enum error others[] = {ERROR_NONE, ERROR_NOT_FOUND, ERROR_FULL,
        ERROR_MEMORY, ERROR_BUSY, ERROR_SYSTEM, ERROR_READ_ONLY};
    fixture_put(*state, PLACE, "{}");
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(note(*state, PLACE, others[i]));
    assert_int_equal(look(*state, true).count, 0);
    assert_null(fixture_find(*state, "index", ""));
}

/* What is gone by now cannot be stuck. */
static void test_gone(void **state)
{
    assert_true(note(*state, PLACE, ERROR_IO));
    assert_int_equal(look(*state, false).count, 0);
    const struct fixture *fixture = meet(state, ERROR_IO);
    assert_int_equal(unlinkat(fixture->spool.directory, PLACE, 0), 0);
    assert_int_equal(look(fixture, false).count, 0);
    assert_non_null(fixture_find(fixture, "index", ""));
    assert_int_equal(look(fixture, true).count, 0);
    assert_null(fixture_find(fixture, "index", ""));
}

/* Somebody has been at it, so that it may be mended. */
static void test_touched(void **state)
{
    const struct fixture *fixture = meet(state, ERROR_IO);
    char path[100];
    snprintf(path, sizeof path, "index/%s", fixture_find(fixture, "index", ""));
    fixture_age(fixture, path, 60);
    assert_int_equal(look(fixture, false).count, 0);
    assert_true(note(fixture, PLACE, ERROR_IO));
    assert_int_equal(look(fixture, false).count, 1);
    assert_int_equal(count_words(fixture, PLACE ": "), 1);
}

static void test_told_again(void **state)
{
    const struct fixture *fixture = meet(state, ERROR_IO);
    char path[100];
    snprintf(path, sizeof path, "index/%s", fixture_find(fixture, "index", ""));
    assert_int_equal(unlinkat(fixture->spool.directory, path, 0), 0);
    assert_int_equal(look(fixture, false).count, 0);
    assert_true(note(fixture, PLACE, ERROR_IO));
    assert_int_equal(count_words(fixture, " stuck " PLACE ": "), 2);
}

/* By the later of its two times. */
static void test_young(void **state)
{
    fixture_put(*state, PLACE, "{}");
    fixture_age(*state, PLACE, 3600);
    const struct fixture *fixture = *state;
    struct path place = {PLACE};
    assert_true(stuck_note(&fixture->spool, 42, place, ERROR_DENIED, 60));
    assert_int_equal(look(fixture, false).count, 0);
    assert_null(fixture_find(fixture, "index", ""));
}

static void test_folder(void **state)
{
    struct path closed;
    const struct fixture *fixture = *state;
    fixture_put(fixture, PLACE, "{}");
    fixture_put(fixture, "done/42", "no folder");
    assert_true(note(fixture, PLACE, ERROR_SYSTEM));
    struct told told = look(fixture, false);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.path, "done/42");
    assert_true(stuck_is_closed(&fixture->spool, (struct path){"done/42"}));
    assert_true(stuck_is_any_closed(&fixture->spool, 42, 1U << SPOOL_DONE));
    assert_false(stuck_is_any_closed(&fixture->spool, 43, 1U << SPOOL_DONE));
    assert_false(stuck_is_any_closed(&fixture->spool, 42, ~(1U << SPOOL_DONE)));
    assert_true(stuck_find_closed(&fixture->spool, 42, &closed));
    assert_string_equal(closed.text, "done/42");
    assert_false(stuck_find_closed(&fixture->spool, 43, &closed));
    assert_false(stuck_find_closed(&fixture->spool, 0, &closed));
    assert_int_equal(unlinkat(fixture->spool.directory, "done/42", 0), 0);
    assert_int_equal(look(fixture, true).count, 0);
}

/* Of several that are closed the outermost is told of, the spool's own first.
 */
static void test_closed(void **state)
{
    struct path closed;
    const struct fixture *fixture = *state;
    static const char *const folders[] = {".", "pending"};
    for (unsigned i = 0; i < COUNT_OF(folders); i++) {
        fault_set_lasting(FAULT_ACCESS, i + 1, EACCES);
        assert_true(stuck_find_closed(&fixture->spool, 42, &closed));
        assert_true(fault_clear());
        assert_string_equal(closed.text, folders[i]);
    }
}

/* The top of the spool is looked at each time. */
static void test_top(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(
        unlinkat(fixture->spool.directory, "photos", AT_REMOVEDIR), 0);
    assert_int_equal(look(fixture, false).count, 0);
    fixture_put(fixture, "photos", "no folder");
    stuck_note_folders(&fixture->spool);
    stuck_note_folders(&fixture->spool);
    struct told told = look(fixture, false);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.path, "photos");
    assert_int_equal(count_words(fixture, " stuck photos: "), 1);
}

/* Enough to know what to do. */
static void test_many(void **state)
{
    const struct fixture *fixture = *state;
    char path[64];
    for (int i = 0; i < STUCK_MAX + 10; i++) {
        snprintf(path, sizeof path, "pending/42/%d.json", i);
        fixture_put(fixture, path, "{}");
        assert_true(note(fixture, path, ERROR_IO));
    }
    assert_int_equal(look(fixture, false).count, STUCK_MAX);
    assert_int_equal(count_words(fixture, " stuck "), STUCK_MAX);
    /* No more than whether it is noted already. */
    fault_set(FAULT_STATUS, 3, EIO);
    assert_true(note(fixture, path, ERROR_IO));
    assert_false(note(fixture, path, ERROR_SYSTEM));
    assert_false(fault_clear());
}

static const char *const torn[] = {
    "", "42", "42 ", "42 x", "42\nx", "x\npending", "42 x\n", "9 y\nnowhere"};

/* Longer than any path of ours; and what a person has laid beside the folders.
 */
static void test_notes_of_others(void **state)
{
    char text[2 * SPOOL_PATH_MAX];
    memset(text, 'x', sizeof text);
    memcpy(text, "42 it cannot be read\n", 21);
    text[SPOOL_PATH_MAX + 60] = '\0';
    fixture_put(*state, "index/stuck.0", text);
    assert_int_equal(look(*state, true).count, 0);
    fixture_expect(*state, "index/stuck.0", NULL);
    fixture_put(*state, "by hand", "");
    fixture_put(*state, "index/stuck.0", "42 it cannot be read\nby hand");
    assert_int_equal(look(*state, true).count, 0);
}

/* What shows no cause is believed for a while only. */
static void test_not_for_ever(void **state)
{
    char path[SPOOL_PATH_MAX];
    const struct fixture *fixture = meet(state, ERROR_IO);
    const char *name = fixture_find(fixture, "index", "");
    snprintf(path, sizeof path, "index/%s", name);
    assert_int_equal(look(fixture, true).count, 1);
    fixture_age(fixture, path, STUCK_KEPT + 100);
    assert_int_equal(look(fixture, true).count, 0);
    fixture_expect(fixture, path, NULL);
}

/* No note can be made, and what it would be about is left for all that. */
static void test_no_index(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    fixture_put(fixture, PLACE, "{}");
    assert_int_equal(renameat(directory, "index", directory, "was"), 0);
    fault_set_lasting(FAULT_NAMES, 1, EACCES);
    note(fixture, PLACE, ERROR_IO);
    assert_true(fault_clear());
    assert_int_equal(look(fixture, false).count, 0);
    assert_true(note(fixture, PLACE, ERROR_IO));
    assert_int_equal(look(fixture, false).count, 1);
}

static void keep_file(void *context, const struct stuck *stuck)
{
    if (strcmp(stuck->path, PLACE) == 0)
        keep(context, stuck);
}

/* Without the folders, which are closed as well where no access is had. */
static struct told look_at_file(const struct fixture *fixture)
{
    struct told told = {0};
    stuck_each(&fixture->spool, false, keep_file, &told);
    return told;
}

/* Another's file, which he has closed: root, or he, gives it to us, and opens
 * it. */
static void test_rights(void **state)
{
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    if (geteuid() != 0)
        skip();
    fixture_put(fixture, PLACE, "{}");
    for (int i = 0; i < 4; i++) {
        bool is_ours = i % 2 == 0;
        bool is_open = i / 2 == 0;
        assert_int_equal(
            fchownat(directory, PLACE, is_ours ? 0 : 65534, 0, 0), 0);
        assert_int_equal(fchmodat(directory, PLACE, is_open ? 0600 : 0, 0), 0);
        note(fixture, PLACE, ERROR_DENIED);
        fault_set_lasting(FAULT_ACCESS, 1, EACCES);
        struct told told = look_at_file(fixture);
        fault_clear();
        assert_int_equal(told.count, 1);
        if (strstr(told.fix, "chown -h") != NULL)
            assert_false(is_ours);
        else
            assert_true(is_ours);
        assert_int_equal(
            strstr(told.fix, " && chmod u+rwX") != NULL, !is_ours && !is_open);
    }
}

/* In such a folder as /tmp is one moves only what is one's own, but in one's
 * own folder all. */
static void test_sticky(void **state)
{
    static const struct {
        uid_t folder;
        uid_t file;
        enum stuck_cause cause;
    } owners[] = {
        {0, 0, STUCK_STICKY}, {0, 65534, STUCK_NOT}, {65534, 0, STUCK_NOT}};
    const struct fixture *fixture = *state;
    int directory = fixture->spool.directory;
    if (geteuid() != 0)
        skip();
    fixture_put(fixture, PLACE, "{}");
    assert_int_equal(fchmod(directory, 0777), 0);
    assert_int_equal(fchmodat(directory, "pending", 0777, 0), 0);
    assert_int_equal(fchmodat(directory, PLACE, 0666, 0), 0);
    for (size_t i = 0; i < COUNT_OF(owners); i++) {
        assert_int_equal(
            fchownat(directory, "pending/42", owners[i].folder, 0, 0), 0);
        assert_int_equal(fchmodat(directory, "pending/42", 01777, 0), 0);
        assert_int_equal(fchownat(directory, PLACE, owners[i].file, 0, 0), 0);
        assert_int_equal(seteuid(65534), 0);
        enum stuck_cause cause =
            stuck_look_at(&fixture->spool, (struct path){PLACE});
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(cause, owners[i].cause);
    }
    /* Nothing is told of a folder that cannot be looked at. */
    assert_int_equal(fchownat(directory, "pending/42", 0, 0, 0), 0);
    assert_int_equal(fchmodat(directory, "pending/42", 01777, 0), 0);
    assert_int_equal(seteuid(65534), 0);
    fault_set(FAULT_STATUS, 2, EIO);
    enum stuck_cause cause =
        stuck_look_at(&fixture->spool, (struct path){PLACE});
    assert_int_equal(seteuid(0), 0);
    assert_true(fault_clear());
    assert_int_equal(cause, STUCK_NOT);
}

struct remover {
    const struct fixture *fixture;
    unsigned calls; /* until then */
};

static void remove_it(void *context)
{
    struct remover *remover = context;
    if (remover->calls-- == 0)
        unlinkat(remover->fixture->spool.directory, PLACE, 0);
}

/* It goes while it is told of: once it has, no line that mends it is made up.
 */
static void test_gone_meanwhile(void **state)
{
    const struct fixture *fixture = *state;
    bool was_told_without = false;
    for (unsigned calls = 0; calls < 40; calls++) {
        struct remover remover = {fixture, calls};
        fixture_put(fixture, PLACE, "{}");
        note(fixture, PLACE, ERROR_DENIED);
        fault_set_lasting(FAULT_ACCESS, 1, EACCES);
        fault_set_meanwhile(FAULT_STATUS, remove_it, &remover);
        struct told told = look_at_file(fixture);
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
        fault_clear();
        assert_true(told.count < 2);
        was_told_without |= told.count == 1 && told.fix[0] == '\0';
        fixture_put(fixture, PLACE, "{}");
        unlinkat(fixture->spool.directory, PLACE, 0);
        assert_int_equal(look(fixture, true).count, 0);
    }
    assert_true(was_told_without);
}

static void test_torn(void **state)
{
    fixture_put(*state, PLACE, "{}");
    for (size_t i = 0; i < COUNT_OF(torn); i++) {
        fixture_put(*state, "index/stuck.0", torn[i]);
        if (look(*state, true).count != 0)
            fail_msg("'%s' was told of", torn[i]);
        fixture_expect(*state, "index/stuck.0", NULL);
    }
}

static void test_any_name(void **state)
{
    static const char odd[] = "pending/42/it's\n\"x\".json";
    fixture_put(*state, odd, "{}");
    assert_true(note(*state, odd, ERROR_IO));
    struct told told = look(*state, false);
    assert_string_equal(told.path, "pending/42/it's\\012\"x\".json");
    assert_non_null(strstr(told.fix, "mv \"$(printf '/"));
    assert_non_null(strstr(told.fix, "/it'\\''s\\012\"x\".json')\" '/"));
}

/* Without memory the path is told as far as it needs none, and of the line that
 * mends it all or nothing. */
static void test_no_memory(void **state)
{
    const struct fixture *fixture = *state;
    static const char odd[] = "pending/42/it's\n\"x\".json";
    bool has_come = true;
    fixture_put(fixture, odd, "{}");
    assert_true(note(fixture, odd, ERROR_IO));
    for (unsigned which = 1; has_come; which++) {
        struct buffer pool = fault_take_pool();
        fault_set(FAULT_MEMORY, which, ENOMEM);
        struct told told = look(fixture, false);
        has_come = fault_clear();
        buffer_free(&pool);
        if (told.count == 0) /* its note could not be read */
            continue;
        assert_memory_equal(told.path, "pending/42/it's", 15);
        if (told.fix[0] != '#')
            assert_non_null(strstr(told.fix, "/../'"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_told_once),
        IN_SPOOL(test_denied_without_cause),
        IN_SPOOL(test_other_errors),
        IN_SPOOL(test_gone),
        IN_SPOOL(test_touched),
        IN_SPOOL(test_told_again),
        IN_SPOOL(test_young),
        IN_SPOOL(test_folder),
        IN_SPOOL(test_closed),
        IN_SPOOL(test_top),
        IN_SPOOL(test_many),
        IN_SPOOL(test_notes_of_others),
        IN_SPOOL(test_not_for_ever),
        IN_SPOOL(test_no_index),
        IN_SPOOL(test_rights),
        IN_SPOOL(test_sticky),
        IN_SPOOL(test_gone_meanwhile),
        IN_SPOOL(test_torn),
        IN_SPOOL(test_any_name),
        IN_SPOOL(test_no_memory),
    };
    return cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
}
