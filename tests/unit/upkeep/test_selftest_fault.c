/* SPDX-License-Identifier: MIT */
/* Looking at the host while something goes wrong: it is told, in JSON, with
 * what mends it, and nothing is left behind. */
#include "attempt_fixture.h"
#include "background.h"
#include "buffer.h"
#include "clock.h"
#include "json.h"
#include "selftest.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct buffer told; /* by the last selftest */

/* It lies in no memory that is always to be had (buffer.c). */
static void begin(void)
{
    told = (struct buffer)BUFFER_EMPTY;
    buffer_reserve(&told, 1 << 15);
}

static char *const no_environment[] = {NULL};

static enum error look_as(
    const struct fixture *fixture, char *const *environment)
{
    struct config config = fixture_config();
    struct selftest about = {.environment = environment,
        .spool = &fixture->spool,
        .root = fixture->root,
        .config = &config};
    buffer_clear(&told);
    selftest_write(&told, &about);
    return told.failed ? ERROR_MEMORY : ERROR_NONE;
}

static enum error look(const struct fixture *fixture)
{
    return look_as(fixture, no_environment);
}

/* A member of a check's finding, to be freed. */
static char *finding(const char *check, const char *key)
{
    struct json_document document;
    struct json_fault fault;
    char *text = NULL;
    assert_int_equal(
        json_parse(&document, told.data, told.length, &fault), ERROR_NONE);
    struct json_value row = json_first(json_root(&document));
    for (; !json_is(row, JSON_ABSENT); row = json_next(row)) {
        size_t length;
        if (!json_string_equals(json_member(row, "check"), check))
            continue;
        const char *raw = json_raw(json_member(row, key), &length);
        text = strndup(raw, length);
        break;
    }
    json_free(&document);
    assert_non_null(text);
    return text;
}

/* Fails the test unless the check told of a fault in these words, or of none:
 * "". */
static void expect(const char *check, const char *words)
{
    char *ok = finding(check, "ok");
    char *detail = finding(check, "detail");
    char *fix = finding(check, "fix");
    bool wanted = words[0] == '\0'
                      ? strcmp(ok, "true") == 0
                      : strcmp(ok, "false") == 0 && fix[0] != '\0' &&
                            strstr(detail, words) != NULL;
    if (!wanted)
        fail_msg("%s: %s, %s, %s", check, ok, detail, fix);
    free(ok);
    free(detail);
    free(fix);
}

static void lay(const struct fixture *fixture)
{
    fixture_put(fixture, PENDING("a", "t"), DROP("a"));
}

/* Whatever is told can be read. */
static void check(const struct fixture *fixture, enum error error)
{
    if (error == ERROR_NONE)
        free(finding("files", "ok"));
    fixture_expect(fixture, PENDING("a", "t"), DROP("a"));
}

static void finish(const struct fixture *fixture)
{
    check(fixture, ERROR_NONE);
    expect("files", "");
    expect("clock", "");
    expect("locks", "");
    expect("stuck", "");
}

static const struct attempt selftest = {
    "a selftest", lay, look, check, finish, ATTEMPT_SILENT};

static void test_faults(void **state)
{
    begin();
    attempt_each_fault(*state, &selftest);
    buffer_free(&told);
}

/* --- What is said of each fault ------------------------------------------- */

struct fault_case {
    enum fault_call call;
    unsigned which;
    int number;
    const char *check;
    const char *words;
};

/* Of the calls of a kind the first are those of the checks before. */
static const struct fault_case faults[] = {
    {FAULT_NAMES, 1, EIO, "files", "link(2) does not work here"},
    {FAULT_NAMES, 2, EIO, "files", "rename(2) does not work here"},
    {FAULT_SYNC, 1, EIO, "files", "Writing a file and fsync(2)"},
    {FAULT_SYNC, 2, EIO, "files", "fsync(2) of a folder"},
    {FAULT_SYNC, 2, ENOSPC, "files", "fsync(2) of a folder"},
    {FAULT_SYNC, 2, EACCES, "files", "fsync(2) of a folder"},
    {FAULT_SYNC, 3, EIO, "clock", "No file could be written to tell by"},
    {FAULT_SYNC, 3, EACCES, "clock", "No file could be written to tell by"},
};

static void test_told(void **state)
{
    const struct fixture *fixture = *state;
    begin();
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        const struct fault_case *row = &faults[i];
        print_message("# %s: %s\n", row->check, row->words);
        fault_set(row->call, row->which, row->number);
        assert_int_equal(look(fixture), ERROR_NONE);
        assert_true(fault_clear());
        expect(row->check, row->words);
        assert_int_equal(fixture_count(fixture, "tmp"), 0);
    }
    buffer_free(&told);
}

/* Somewhere among the calls that look at files are those of each check: each
 * fault is told of by one that has to do with it, or by none. */
static void test_each_look(void **state)
{
    const struct fixture *fixture = *state;
    bool files = false;
    bool clocks = false;
    bool has_come = true;
    begin();
    for (unsigned which = 1; has_come; which++) {
        fault_set(FAULT_STATUS, which, EIO);
        assert_int_equal(look(fixture), ERROR_NONE);
        has_come = fault_clear();
        char *ok = finding("files", "ok");
        files = files || strcmp(ok, "false") == 0;
        free(ok);
        ok = finding("clock", "ok");
        clocks = clocks || strcmp(ok, "false") == 0;
        free(ok);
        assert_int_equal(fixture_count(fixture, "tmp"), 0);
    }
    assert_true(files);
    assert_true(clocks);
    buffer_free(&told);
}

static void test_no_locks(void **state)
{
    const struct fixture *fixture = *state;
    begin();
    fault_set(FAULT_LOCK, 1, ENOLCK);
    assert_int_equal(look(fixture), ERROR_NONE);
    assert_true(fault_clear());
    expect("locks", "fcntl(2) gives no locks");
    buffer_free(&told);
}

struct turn {
    const struct fixture *fixture;
    char path[300];
};

/* The file of the selftest's whose name ends so: NULL, or turn->path. */
static const char *find_probe(struct turn *turn, const char *end)
{
    const char *name = fixture_find(turn->fixture, "tmp", end);
    if (name == NULL)
        return NULL;
    snprintf(turn->path, sizeof turn->path, "tmp/%s", name);
    return turn->path;
}

static void remove_probe(struct turn *turn, const char *end)
{
    const char *path = find_probe(turn, end);
    if (path != NULL)
        unlinkat(turn->fixture->spool.directory, path, 0);
}

/* A file that is made under its second name by somebody else: a file system
 * that links and renames, but not as it should. */
static void take_name(void *context)
{
    remove_probe(context, ".a");
}

static void link_more(void *context)
{
    struct turn *turn = context;
    int directory = turn->fixture->spool.directory;
    const char *path = find_probe(turn, ".a");
    if (path != NULL)
        linkat(directory, path, directory, "tmp/another", 0);
}

static void put_back(void *context)
{
    struct turn *turn = context;
    if (find_probe(turn, ".b") == NULL)
        return;
    turn->path[strlen(turn->path) - 1] = 'a';
    fixture_put(turn->fixture, turn->path, "x");
}

static void hide(void *context)
{
    remove_probe(context, ".b");
}

/* Lets somebody do this before each call of a kind. */
static void expect_seen(const struct fixture *fixture, enum fault_call call,
    fault_meanwhile *other, const char *words)
{
    struct turn turn;
    turn.fixture = fixture;
    fault_set_meanwhile(call, other, &turn);
    assert_int_equal(look(fixture), ERROR_NONE);
    fault_set_meanwhile(call, NULL, NULL);
    unlinkat(fixture->spool.directory, "tmp/another", 0);
    char *detail = finding("files", "detail");
    if (strstr(detail, words) == NULL)
        fail_msg("have %s, want %s", detail, words);
    free(detail);
}

static void test_strange_disks(void **state)
{
    begin();
    expect_seen(*state, FAULT_STATUS, link_more, "link(2) does not work here");
    expect_seen(*state, FAULT_NAMES, take_name, "rename(2) does not work here");
    expect_seen(*state, FAULT_STATUS, put_back, "rename(2) does not work here");
    expect_seen(*state, FAULT_STATUS, hide, "rename(2) does not work here");
    buffer_free(&told);
}

/* --- What the host allows --------------------------------------------------
 */

static struct rlimit limit(int which, rlim_t most)
{
    struct rlimit before;
    assert_int_equal(getrlimit(which, &before), 0);
    assert_int_equal(
        setrlimit(which, &(struct rlimit){most, before.rlim_max}), 0);
    return before;
}

static void test_host_limits(void **state)
{
    begin();
    struct rlimit file = limit(RLIMIT_FSIZE, 4096);
    struct rlimit files = limit(RLIMIT_NOFILE, 20);
    assert_int_equal(look(*state), ERROR_NONE);
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_NOFILE, &files);
    expect("limits", "A file may have 4096 bytes (ulimit -f)");
    expect("limits", "20 open files (ulimit -n)");
    char *fix = finding("limits", "fix");
    assert_non_null(strstr(fix, "max_body = 1 into"));
    assert_non_null(strstr(fix, "; Have the host raise its limit of open"));
    free(fix);
    files = limit(RLIMIT_NOFILE, 20);
    assert_int_equal(look(*state), ERROR_NONE);
    setrlimit(RLIMIT_NOFILE, &files);
    fix = finding("limits", "fix");
    assert_ptr_equal(strstr(fix, "Have the host"), fix + 1);
    free(fix);
    buffer_free(&told);
}

/* More memory than this host has bits for, beside a file that is too small. */
static void test_much_memory(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct selftest about = {.environment = no_environment,
        .spool = &fixture->spool,
        .root = fixture->root,
        .config = &config};
    begin();
    config.max_body = SIZE_MAX / 4;
    struct rlimit file = limit(RLIMIT_FSIZE, 1 << 20);
    struct rlimit memory = limit(RLIMIT_AS, (rlim_t)1 << 40);
    selftest_write(&told, &about);
    setrlimit(RLIMIT_FSIZE, &file);
    setrlimit(RLIMIT_AS, &memory);
    expect("limits", "bytes of memory (ulimit -v)");
    char *fix = finding("limits", "fix");
    assert_non_null(strstr(fix, "; Have the host raise this limit"));
    free(fix);
    buffer_free(&told);
}

/* --- stoflow.ini ---------------------------------------------------------- */

static void test_configuration(void **state)
{
    static const struct {
        struct ini_fault fault;
        const char *detail;
        const char *fix; /* before the root's path */
    } rows[] = {
        {{3, "wrong"}, "etc/stoflow.ini, line 3: wrong.", "Correct line 3 of "},
        {{0, "too large"}, "etc/stoflow.ini: too large.", "Correct "},
    };
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    begin();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char want[200];
        struct selftest about = {.environment = no_environment,
            .spool = &fixture->spool,
            .root = fixture->root,
            .config = &config,
            .config_fault = &rows[i].fault};
        buffer_clear(&told);
        selftest_write(&told, &about);
        expect("configuration", rows[i].detail);
        char *fix = finding("configuration", "fix");
        snprintf(want, sizeof want, "\"%s%s/etc/stoflow.ini\"", rows[i].fix,
            fixture->root);
        assert_string_equal(fix, want);
        free(fix);
    }
    buffer_free(&told);
}

/* --- The root ------------------------------------------------------------- */

static void test_document_root(void **state)
{
    const struct fixture *fixture = *state;
    char document_root[96];
    char script[128];
    char *environment[] = {document_root, script, NULL};
    begin();
    lay(fixture);
    snprintf(document_root, sizeof document_root, "DOCUMENT_ROOT=%s/spool",
        fixture->root);
    snprintf(
        script, sizeof script, "SCRIPT_FILENAME=%s/none/health", fixture->root);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("document_root", "The spool lies in the document root");
    /* A folder beside it, where the programs' folder cannot be looked at. */
    snprintf(document_root, sizeof document_root, "DOCUMENT_ROOT=%s/spool/tmp",
        fixture->root);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("document_root", "");
    for (unsigned which = 1; which < 60; which++) {
        struct buffer pool = fault_take_pool();
        fault_set(FAULT_MEMORY, which, ENOMEM);
        enum error error = look_as(fixture, environment);
        bool has_come = fault_clear();
        buffer_free(&pool);
        if (error == ERROR_NONE)
            check(fixture, ERROR_NONE);
        else
            assert_true(has_come);
    }
    /* The tokens of a folder that only its owner may pass. */
    char path[96];
    snprintf(path, sizeof path, "%s/etc", fixture->root);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(fixture->root, 0755), 0);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("token_modes", "");
    snprintf(path, sizeof path, "%s/etc/tokens", fixture->root);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("token_modes", "");
    snprintf(path, sizeof path, "%s/etc", fixture->root);
    assert_int_equal(chmod(path, 0711), 0);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("token_modes", "etc/tokens has mode 0755");
    snprintf(path, sizeof path, "%s/etc/tokens", fixture->root);
    assert_int_equal(chmod(path, 0750), 0);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    expect("token_modes", "");
    /* A server that does not tell the program's place. */
    environment[1] = NULL;
    fault_set_lasting(FAULT_LINK, 1, EACCES);
    assert_int_equal(look_as(fixture, environment), ERROR_NONE);
    assert_true(fault_clear());
    expect("document_root", "");
    buffer_free(&told);
}

/* --- The process that tidies up ------------------------------------------- */

static void test_refused_process(void **state)
{
    const struct fixture *fixture = *state;
    begin();
    assert_int_equal(background_last_refusal(&fixture->spool), 0);
    background_refused(&fixture->spool, EAGAIN);
    background_refused(&fixture->spool, EAGAIN);
    assert_true(fixture_logged(fixture, "the host gives no process"));
    char *log = fixture_get(fixture, "log/events.log");
    assert_ptr_equal(strchr(log, '\n'), log + strlen(log) - 1); /* once */
    free(log);
    assert_true(background_last_refusal(&fixture->spool) > 0);
    assert_int_equal(look(fixture), ERROR_NONE);
    expect("processes", "the host gave no process");
    buffer_free(&told);
}

/* --- What is stuck -------------------------------------------------------- */

static void test_stuck(void **state)
{
    const struct fixture *fixture = *state;
    char name[64];
    begin();
    for (int user = 1; user <= 9; user++) {
        snprintf(name, sizeof name, "done/%d", user);
        fixture_put(fixture, name, "a file where a folder should be");
    }
    assert_int_equal(look(fixture), ERROR_NONE);
    expect("stuck", "9 in all");
    char *fix = finding("stuck", "fix");
    assert_non_null(strstr(fix, "; "));
    free(fix);
    buffer_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_faults),
        IN_SPOOL(test_told),
        IN_SPOOL(test_each_look),
        IN_SPOOL(test_no_locks),
        IN_SPOOL(test_strange_disks),
        IN_SPOOL(test_host_limits),
        IN_SPOOL(test_much_memory),
        IN_SPOOL(test_configuration),
        IN_SPOOL(test_document_root),
        IN_SPOOL(test_refused_process),
        IN_SPOOL(test_stuck),
    };
    return cmocka_run_group_tests_name("selftest_fault", tests, NULL, NULL);
}
