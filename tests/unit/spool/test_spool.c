/* SPDX-License-Identifier: MIT */
#include "error.h"
#include "fault.h"
#include "ingest_fixture.h"
#include "log.h"
#include "path.h"
#include "spool.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t mode_of(const struct fixture *fixture, const char *path)
{
    struct stat status;
    assert_int_equal(fstatat(fixture->spool.directory, path, &status, 0), 0);
    return status.st_mode & 07777;
}

static void test_opened_under_every_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        const struct fixture *fixture = *state;
        char root[128];
        struct spool spool;
        snprintf(root, sizeof root, "%s/spool/log/root", fixture->root);
        assert_int_equal(mkdir(root, 0700), 0);
        assert_int_equal(spool_open_existing(&spool, root), ERROR_NOT_FOUND);
        mode_t mask = umask(masks[i]);
        enum error error = spool_open(&spool, root);
        umask(mask);
        assert_int_equal(error, ERROR_NONE);
        assert_int_equal(mode_of(fixture, "log/root/spool"), 0700);
        for (int d = 0; d < SPOOL_DIRECTORIES; d++) {
            struct stat status;
            assert_int_equal(
                fstatat(spool.directory,
                    spool_directory_name((enum spool_directory)d), &status, 0),
                0);
            assert_int_equal(status.st_mode & 07777, 0700);
        }
        spool_close(&spool);
        assert_int_equal(spool_open_existing(&spool, root), ERROR_NONE);
        spool_close(&spool);
        fixture_renew(*state);
    }
}

static void test_no_root(void **state)
{
    const struct fixture *fixture = *state;
    struct spool spool;
    char root[128];
    snprintf(root, sizeof root, "%s/missing", fixture->root);
    assert_int_equal(spool_open(&spool, root), ERROR_NOT_FOUND);
    fixture_put(fixture, "log/spool", "a file where a folder should be");
    snprintf(root, sizeof root, "%s/spool/log", fixture->root);
    assert_int_not_equal(spool_open(&spool, root), ERROR_NONE);
}

static enum error note_user(void *context, int64_t user)
{
    int64_t *sum = context;
    *sum += user;
    return user == 99 ? ERROR_CONFLICT : ERROR_NONE;
}

static void test_each_user(void **state)
{
    const struct fixture *fixture = *state;
    int64_t sum = 0;
    static const char *const names[] = {"pending/1/x", "pending/20/x",
        "pending/300/x", "pending/007/x", "pending/a/x", "pending/.4/x",
        "pending/-5/x", "done/6000/x"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        fixture_put(fixture, names[i], "");
    assert_int_equal(
        spool_each_user(&fixture->spool, SPOOL_PENDING, note_user, &sum),
        ERROR_NONE);
    assert_int_equal(sum, 321);
    fixture_put(fixture, "pending/99/x", "");
    assert_int_equal(
        spool_each_user(&fixture->spool, SPOOL_PENDING, note_user, &sum),
        ERROR_CONFLICT);
    unlinkat(fixture->spool.directory, "executing", AT_REMOVEDIR);
    assert_int_equal(
        spool_each_user(&fixture->spool, SPOOL_EXECUTING, note_user, &sum),
        ERROR_NONE);
}

/* As a network file system may say of a folder that is there. */
static void test_not_there_for_a_moment(void **state)
{
    const struct fixture *fixture = *state;
    int64_t sum = 0;
    fixture_put(fixture, "pending/20/x", "");
    fault_set(FAULT_OPEN, 1, ENOENT);
    assert_int_equal(
        spool_each_user(&fixture->spool, SPOOL_PENDING, note_user, &sum),
        ERROR_NONE);
    assert_true(fault_clear());
    assert_int_equal(sum, 20);
}

/* What is there, and still cannot be opened, is not passed over as if it were
 * not. */
static void test_there_and_not_there(void **state)
{
    const struct fixture *fixture = *state;
    int64_t sum = 0;
    fixture_put(fixture, "pending/20/x", "");
    fault_set_lasting(FAULT_OPEN, 1, ENOENT);
    enum error error =
        spool_each_user(&fixture->spool, SPOOL_PENDING, note_user, &sum);
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_SYSTEM);
    fault_set_lasting(FAULT_ALL, 1, EIO);
    error = spool_each_user(&fixture->spool, SPOOL_PENDING, note_user, &sum);
    assert_true(fault_clear());
    assert_int_equal(error, ERROR_IO);
}

static void test_make_user(void **state)
{
    const struct fixture *fixture = *state;
    unlinkat(fixture->spool.directory, "done", AT_REMOVEDIR);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            spool_make_user(&fixture->spool, SPOOL_DONE, 42), ERROR_NONE);
        assert_int_equal(mode_of(fixture, "done"), 0700);
        assert_int_equal(mode_of(fixture, "done/42"), 0700);
    }
}

static void test_temporary(void **state)
{
    const struct fixture *fixture = *state;
    struct path first;
    struct path second;
    unlinkat(fixture->spool.directory, "tmp", AT_REMOVEDIR);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "a\0b", 3, &first), ERROR_NONE);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "c", 1, &second), ERROR_NONE);
    assert_string_not_equal(first.text, second.text);
    assert_int_equal(fixture_count(fixture, "tmp"), 2);
    assert_int_equal(mode_of(fixture, first.text), 0600);
    fixture_expect(fixture, second.text, "c");
}

static void use_user(const struct spool *spool)
{
    assert_int_equal(spool_make_user(spool, SPOOL_PACE, 42), ERROR_NONE);
}

static void use_temporary(const struct spool *spool)
{
    struct path path;
    assert_int_equal(spool_write_temporary(spool, "", 0, &path), ERROR_NONE);
}

static void use_log(const struct spool *spool)
{
    log_event(spool, "word", "line");
}

/* A spool that came with nothing but its README.md: whoever is the first to
 * miss a directory makes all of them. */
static void test_first_use(void **state)
{
    static void (*const uses[])(const struct spool *spool) = {
        use_user, use_temporary, use_log};
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        const struct fixture *fixture = *state;
        int directory = fixture->spool.directory;
        fixture_put(fixture, "README.md", "a map");
        for (int d = 0; d < SPOOL_DIRECTORIES; d++) {
            const char *name = spool_directory_name((enum spool_directory)d);
            assert_int_equal(unlinkat(directory, name, AT_REMOVEDIR), 0);
        }
        uses[i](&fixture->spool);
        assert_int_equal(fixture_count(fixture, "."), SPOOL_DIRECTORIES + 1);
        for (int d = 0; d < SPOOL_DIRECTORIES; d++) {
            enum spool_directory made = (enum spool_directory)d;
            assert_int_equal(
                mode_of(fixture, spool_directory_name(made)), 0700);
        }
        fixture_expect(fixture, "README.md", "a map");
        fixture_renew(*state);
    }
}

static void test_replace(void **state)
{
    const struct fixture *fixture = *state;
    struct path path = path_in(SPOOL_USERS, "42.json");
    unlinkat(fixture->spool.directory, "users", AT_REMOVEDIR);
    static const char *const texts[] = {"old", "newer", ""};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(spool_replace(&fixture->spool, path, SPOOL_USERS,
                             texts[i], strlen(texts[i])),
            ERROR_NONE);
        fixture_expect(fixture, path.text, texts[i]);
        fixture_expect_tree(fixture, "users/42.json\n");
    }
    fixture_put(fixture, "products/x/y", "in the way");
    assert_int_not_equal(
        spool_replace(&fixture->spool, path_in(SPOOL_PRODUCTS, "x"),
            SPOOL_PRODUCTS, "z", 1),
        ERROR_NONE);
    fixture_expect_tree(fixture, "products/x/y\nusers/42.json\n");
}

static void test_replace_hint(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const texts[] = {"", "a", "much longer", "b"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(spool_replace_hint(&fixture->spool,
                             path_in_user(SPOOL_PROGRESS, 42, "x"),
                             SPOOL_PROGRESS, 42, texts[i], strlen(texts[i])),
            ERROR_NONE);
        fixture_expect(fixture, "progress/42/x", texts[i]);
        fixture_expect_tree(fixture, "progress/42/x\n");
    }
    fixture_put(fixture, "progress/42/y/z", "in the way");
    assert_int_not_equal(
        spool_replace_hint(&fixture->spool,
            path_in_user(SPOOL_PROGRESS, 42, "y"), SPOOL_PROGRESS, 42, "z", 1),
        ERROR_NONE);
    fixture_expect_tree(fixture, "progress/42/x\nprogress/42/y/z\n");
}

static void remove_temporary(void *context)
{
    const struct fixture *fixture = context;
    unlinkat(fixture->spool.directory, "tmp", AT_REMOVEDIR);
}

/* Somebody removes tmp/ as often as it is made, or it cannot be made: whoever
 * has something to write is told so. */
static void test_no_temporary(void **state)
{
    struct path path;
    const struct fixture *fixture = *state;
    fault_set_meanwhile(FAULT_OPEN, remove_temporary, *state);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "x", 1, &path), ERROR_SYSTEM);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    remove_temporary(*state);
    fault_set_lasting(FAULT_NAMES, 1, EACCES);
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "x", 1, &path), ERROR_DENIED);
    assert_true(fault_clear());
    assert_int_equal(
        spool_write_temporary(&fixture->spool, "x", 1, &path), ERROR_NONE);
    fixture_expect(fixture, path.text, "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_opened_under_every_umask),
        IN_SPOOL(test_no_root),
        IN_SPOOL(test_no_temporary),
        IN_SPOOL(test_each_user),
        IN_SPOOL(test_not_there_for_a_moment),
        IN_SPOOL(test_there_and_not_there),
        IN_SPOOL(test_make_user),
        IN_SPOOL(test_temporary),
        IN_SPOOL(test_first_use),
        IN_SPOOL(test_replace),
        IN_SPOOL(test_replace_hint),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
