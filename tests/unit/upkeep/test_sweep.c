/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "clock.h"
#include "clock_fixture.h"
#include "config.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "ingest_fixture.h"
#include "safety.h"
#include "spool_lock.h"
#include "sweep.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RECORD                                                                 \
    "{\"task_id\":\"v\",\"user_id\":42,\"action\":\"a\",\"params\":{},"        \
    "\"created_at\":\"2024-12-07T10:00:00.000000Z\",\"status\":\"failed\","    \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\"}"

#define KEY "key-0123456789abcdef0123456789abcdef01234567"

static enum error sweep(const struct fixture *fixture,
    const struct config *config, bool dry_run, struct buffer *lines)
{
    struct sweep all = {.spool = &fixture->spool,
        .config = config,
        .dry_run = dry_run,
        .until = clock_steady() + (30 * clock_second),
        .lines = BUFFER_EMPTY};
    enum error error = sweep_run(&all);
    buffer_append_text(lines, buffer_text(&all.lines));
    buffer_free(&all.lines);
    return error;
}

/* Fails unless one sweep with the defaults leaves this tree and tells this
 * much, and a second one has nothing left to do. */
static void expect_sweep(const struct fixture *fixture,
    const struct config *config, const char *tree, const char *line)
{
    struct buffer lines = BUFFER_EMPTY;
    assert_int_equal(sweep(fixture, config, false, &lines), ERROR_NONE);
    fixture_expect_tree(fixture, tree);
    if (strstr(buffer_text(&lines), line) == NULL ||
        (line[0] == '\0' && lines.length > 0))
        fail_msg("have %s, want %s", buffer_text(&lines), line);
    buffer_free(&lines);
    assert_int_equal(sweep(fixture, config, false, &lines), ERROR_NONE);
    fixture_expect_tree(fixture, tree);
    buffer_free(&lines);
}

struct duty_case {
    const char *path;
    const char *text;
    int age; /* seconds */
    const char *tree;
    const char *line; /* a part of what it says; "" for nothing */
};

static const struct duty_case duties[] = {
    /* Of a user who has no done/ yet. */
    {"keys/42/" KEY, "gone\n", 1000, "",
        "removed 1 key of tasks that are gone"},
    {"keys/42/" KEY, "gone\n", 10, "keys/42/" KEY "\n", ""},
    {"tmp/42-v.verdict", RECORD, 0, FAILED("v") "\n", "finished 1"},
    /* All there is of a task: who moved it aside has died. */
    {"tmp/42-t.7.8.aside", RECORD, 0, FAILED("t") "\n", "finished 1"},
    {"tmp/t.aside", RECORD, TEMPORARY_AGE + 10, "", "removed 1 file left"},
    {EXECUTING(PAST, "l", "get_stats", "t"), DROP("get_stats"), 0,
        "pending/42/998-*-t.r1.json\nprogress/42/998-*-t.r1.leases\n",
        "requeued 1"},
    {EXECUTING(PAST, "l", "upload_photo", "t"), DROP("upload_photo"), 0,
        FAILED("t") "\n", "failed 1"},
    {EXECUTING(FUTURE, "l", "get_stats", "t"), DROP("get_stats"), 0,
        "executing/42/20*-l-998-*-get_stats-t.json\n", "shortened 1 lease"},
    {"pending/x.json", "{\"user_id\":42,\"action\":\"a\",\"task_id\":\"t\"}", 0,
        "pending/42/998-*-a-t.json\n", "queued 1"},
    {"pending/42/x.json", "{\"action\":\"a\",\"task_id\":\"t\"}", 0,
        "pending/42/998-*-a-t.json\n", "queued 1"},
    {"pending/42/x.json", "[]", 0, "rejected/x.json\nrejected/x.json.why\n",
        "rejected 1"},
    {"pending/42/x.json", "{", 0, "pending/42/x.json\n", ""},
    {COMPLETED("old"), "{}", 31 * 86400, "", "removed 1 finished"},
    {COMPLETED("new"), "{}", 29 * 86400, COMPLETED("new") "\n", ""},
    {"done/42/notes.txt", "", 99 * 86400, "done/42/notes.txt\n", ""},
    {"tmp/1.2.3", "", TEMPORARY_AGE + 10, "", "removed 1 file left"},
    {"tmp/1.2.3", "", TEMPORARY_AGE - 60, "tmp/1.2.3\n", ""},
    {"tmp/1.2.3", "", PROGRAM_ALARM, "tmp/1.2.3\n", ""},
    {"tmp/42-t.hold", "", TEMPORARY_AGE + 10, "", "removed 1 file left"},
    {"rejected/x.json.why", "", TEMPORARY_AGE + 10, "", "removed 1 file left"},
    {"rejected/x.json.why", "", 0, "rejected/x.json.why\n", ""},
    {"rejected/x.json", "", 99 * 86400, "rejected/x.json\n", ""},
    {"pending/42/x.json.part", "", 4000, "pending/42/x.json.part\n",
        "left alone pending/42/x.json.part, which can be no task"},
    {"pending/x.json.part", "", 4000, "pending/x.json.part\n",
        "left alone pending/x.json.part, which can be no task"},
    {"pending/42/x\033", "", 4000, "pending/42/x?\n",
        "left alone pending/42/x\\033, which can be no task"},
    {"pending/42/x.json.part", "", 60, "pending/42/x.json.part\n", ""},
    {PENDING("a", "t"), DROP("a"), 99 * 86400, PENDING("a", "t") "\n", ""},
};

static void test_duties(void **state)
{
    struct config config = fixture_config();
    for (size_t i = 0; i < COUNT_OF(duties); i++) {
        print_message("# %s, %d s\n", duties[i].path, duties[i].age);
        fixture_put(*state, duties[i].path, duties[i].text);
        if (duties[i].age > 0)
            fixture_age(*state, duties[i].path, duties[i].age);
        expect_sweep(*state, &config, duties[i].tree, duties[i].line);
        fixture_renew(*state);
    }
}

/* What was moved aside is debris wherever the task may be. */
static void test_moved_aside(void **state)
{
    static const char *const places[] = {PENDING("get_stats", "t"),
        EXECUTING(FUTURE, "l", "get_stats", "t"), COMPLETED("t"), FAILED("t")};
    struct config config = fixture_config();
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct fixture *fixture = *state;
        fixture_put(fixture, places[i], DROP("get_stats"));
        fixture_put(fixture, "tmp/42-t.7.8.aside", RECORD);
        struct buffer lines = BUFFER_EMPTY;
        assert_int_equal(sweep(fixture, &config, false, &lines), ERROR_NONE);
        buffer_free(&lines);
        assert_int_equal(fixture_count(fixture, "tmp"), 0);
        assert_int_equal(fixture_count(fixture, "done/42"), i > 1);
        fixture_renew(*state);
    }
}

/* What lies in tmp/ was written while the clock was ahead, and bears that in
 * what nobody can set, too: it may be in use, so its day begins now. */
static void test_clock_set_back(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, "tmp/1.2.3", "{}");
    clock_fixture_set(-7200);
    expect_sweep(*state, &config, "tmp/1.2.3\n", "");
    clock_fixture_set(TEMPORARY_AGE - 7200 + 100);
    expect_sweep(*state, &config, "", "removed 1");
    clock_fixture_set(0);
}

/* Where it cannot be brought back it is kept, however old. */
static void test_kept_aside(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct buffer lines = BUFFER_EMPTY;
    fixture_put(fixture, "done/42", "no folder");
    fixture_put(fixture, "tmp/42-t.7.8.aside", RECORD);
    fixture_age(fixture, "tmp/42-t.7.8.aside", TEMPORARY_AGE + 10);
    sweep(fixture, &config, false, &lines);
    fixture_expect(fixture, "tmp/42-t.7.8.aside", RECORD);
    buffer_free(&lines);
}

/* What was written while the clock was ahead, or dated so by hand: it is
 * neither removed at once nor kept for ever. */
static void test_from_the_future(void **state)
{
    struct config config = fixture_config();
    static const char *const paths[] = {
        COMPLETED("old"), "rejected/x.json.why", "tmp/1.2.3"};
    static const int ages[] = {31 * 86400, TEMPORARY_AGE, TEMPORARY_AGE};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct buffer tree = BUFFER_EMPTY;
        fixture_put(*state, paths[i], "{}");
        fixture_age(*state, paths[i], -40 * 366 * 86400);
        buffer_append_format(&tree, "%s\n", paths[i]);
        expect_sweep(*state, &config, tree.data, "");
        clock_fixture_set(ages[i] + 100);
        expect_sweep(*state, &config, "", "removed 1");
        clock_fixture_set(0);
        buffer_free(&tree);
        fixture_renew(*state);
    }
}

/* A host whose clock is behind until it has asked others for the time. What was
 * there before must not look old afterwards. */
static void test_clock_behind(void **state)
{
    struct config config = fixture_config();
    static const char tree[] = COMPLETED("t") "\n" PENDING("a", "u") "\n";
    fixture_put(*state, COMPLETED("t"), "{}");
    fixture_put(*state, PENDING("a", "u"), DROP("a"));
    clock_fixture_set(-40 * 366 * 86400);
    expect_sweep(*state, &config, tree, "");
    clock_fixture_set(PRUNE_EVERY + 1);
    expect_sweep(*state, &config, tree, "");
    clock_fixture_set(0);
}

/* A look through done/ or photos/ that is noted for 2099 was none. */
static void test_looked_through_in_the_future(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, COMPLETED("old"), "{}");
    fixture_age(*state, COMPLETED("old"), 31 * 86400);
    fixture_put(*state, "index/42.pruned", "");
    fixture_age(*state, "index/42.pruned", -40 * 366 * 86400);
    expect_sweep(*state, &config, "", "removed 1");
}

/* What a file system has kept of a rename. */
static void test_clears_what_is_done(void **state)
{
    struct config config = fixture_config();
    static const char line[] = "cleared pending entries of finished tasks: 1";
    struct buffer lines = BUFFER_EMPTY;
    fixture_put(*state, COMPLETED("t"), "{}");
    fixture_put(*state, PENDING("a", "t"), DROP("a"));
    assert_int_equal(sweep(*state, &config, true, &lines), ERROR_NONE);
    assert_non_null(strstr(buffer_text(&lines), line));
    buffer_free(&lines);
    fixture_expect_tree(*state, COMPLETED("t") "\n" PENDING("a", "t") "\n");
    expect_sweep(*state, &config, COMPLETED("t") "\n", line);
}

static void test_keeps_a_reason_with_its_file(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, "rejected/x.json", "");
    fixture_put(*state, "rejected/x.json.why", "");
    fixture_age(*state, "rejected/x.json.why", 100000);
    expect_sweep(*state, &config, "rejected/x.json\nrejected/x.json.why\n", "");
}

/* Nor is it a lone one where a look for the file fails, or a network hides it
 * for a moment. */
static void test_keeps_a_reason_in_doubt(void **state)
{
    static const int numbers[] = {EIO, EACCES, ENOENT};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        bool has_come = true;
        fixture_put(*state, "rejected/x.json", "");
        fixture_put(*state, "rejected/x.json.why", "");
        for (unsigned which = 1; has_come; which++) {
            struct config config = fixture_config();
            struct buffer lines = BUFFER_EMPTY;
            fixture_age(*state, "rejected/x.json.why", 100000);
            fault_set(FAULT_STATUS, which, numbers[i]);
            sweep(*state, &config, false, &lines);
            has_come = fault_clear();
            buffer_free(&lines);
            fixture_expect(*state, "rejected/x.json.why", "");
        }
    }
}

static void test_keeps_all_for_ever(void **state)
{
    struct config config = fixture_config();
    config.keep_done = 0;
    fixture_put(*state, COMPLETED("old"), "{}");
    fixture_age(*state, COMPLETED("old"), 4000 * 86400);
    expect_sweep(*state, &config, COMPLETED("old") "\n", "");
}

static void test_expires(void **state)
{
    struct config config = fixture_config();
    config.actions[0] =
        (struct action_rules){"a", UNSET, UNSET, 60, UNSET, UNSET, UNSET};
    config.action_count = 1;
    fixture_put(*state, PENDING("a", "old"), DROP("a"));
    fixture_put(*state, PENDING("b", "kept"), DROP("b"));
    fixture_put(*state, "pending/42/998-" FUTURE "-a-new.json", DROP("a"));
    expect_sweep(*state, &config,
        FAILED("old") "\n" PENDING("b", "kept") "\npending/42/998-" FUTURE
                                                "-a-new.json\n",
        "expired 1");
    fixture_expect_member(*state, FAILED("old"), "declared", "\"expired\"");
}

/* Everything at once, for several users; results go into the catalogue. */
static void test_whole(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        "{\"products\":[{\"id\":5}],\"total\":1}");
    fixture_put(fixture, "executing/7/" PAST "-l-" QUEUED("get_stats", "t"),
        DROP("get_stats"));
    fixture_put(fixture, "executing/8/" PAST "-l-" QUEUED("get_stats", "t"),
        DROP("get_stats"));
    expect_sweep(fixture, &config,
        "pending/7/998-*-t.r1.json\npending/8/998-*-t.r1.json\n"
        "products/42.ndjson\n"
        "progress/7/998-*-t.r1.leases\nprogress/8/998-*-t.r1.leases\n",
        "took 1 result into");
}

/* Polls that took a task and gave it back, one after the other, and then a loss
 * of power that brings all their names back: of one file, so that no rename of
 * one to another does anything. */
static void test_many_names(void **state)
{
    static const char *const names[] = {EXECUTING(PAST, "l2", "get_stats", "t"),
        EXECUTING(PAST, "l3", "get_stats", "t"),
        EXECUTING(PAST, "l4", "get_stats", "t"),
        "pending/42/998-" CREATED "-get_stats-t.r1.json"};
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct buffer lines = BUFFER_EMPTY;
    int directory = fixture->spool.directory;
    static const char first[] = EXECUTING(PAST, "l1", "get_stats", "t");
    fixture_put(fixture, first, DROP("get_stats"));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        fixture_put(fixture, names[i], "");
        unlinkat(directory, names[i], 0);
        assert_int_equal(linkat(directory, first, directory, names[i], 0), 0);
    }
    assert_int_equal(sweep(fixture, &config, false, &lines), ERROR_NONE);
    buffer_free(&lines);
    fixture_expect_tree(fixture, "pending/42/998-*-get_stats-t.r1.json\n");
}

/* A dry run tells, in the conditional, and leaves no trace. */
static void test_dry_run(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    static const char *const told[] = {"finished 1", "overdue", "dropped",
        "taken 1", "removed 1 finished", "removed 1 file left"};
    struct buffer lines = BUFFER_EMPTY;
    static const char tree[] =
        COMPLETED("old") "\n" EXECUTING(PAST, "l", "get_stats",
            "t") "\n"
                 "ingest/42/20241207T100001.000000Z-t.json\npending/42/x.json\n"
                 "pending/y.json\ntmp/1.2.3\ntmp/42-v.verdict\n";
    fixture_put(fixture, "tmp/42-v.verdict", RECORD);
    fixture_put(
        fixture, EXECUTING(PAST, "l", "get_stats", "t"), DROP("get_stats"));
    fixture_put(fixture, "pending/42/x.json", DROP("a"));
    fixture_put(fixture, "pending/y.json", DROP("a"));
    fixture_record(fixture, "get_stats", 0, 1, "{}", "{}");
    fixture_put(fixture, COMPLETED("old"), "{}");
    fixture_age(fixture, COMPLETED("old"), 99 * 86400);
    fixture_put(fixture, "tmp/1.2.3", "");
    fixture_age(fixture, "tmp/1.2.3", 99 * 86400);
    assert_int_equal(sweep(fixture, &config, true, &lines), ERROR_NONE);
    fixture_expect_tree(fixture, tree);
    assert_int_equal(fixture_count(fixture, "index"), 0);
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        const char *found = strstr(buffer_text(&lines), told[i]);
        if (found == NULL)
            fail_msg("%s: does not tell of %s", buffer_text(&lines), told[i]);
    }
    for (const char *line = buffer_text(&lines); *line != '\0';
        line = strchr(line, '\n') + 1)
        assert_memory_equal(line, "would ", 6);
    buffer_free(&lines);
}

static void test_one_at_a_time(void **state)
{
    const struct fixture *fixture = *state;
    struct config config = fixture_config();
    struct buffer lines = BUFFER_EMPTY;
    int status;
    assert_int_equal(sweep_last(&fixture->spool), 0);
    fixture_put(fixture, COMPLETED("old"), "{}");
    fixture_age(fixture, COMPLETED("old"), 99 * 86400);
    int lock = spool_lock_try(&fixture->spool, "sweeper");
    assert_true(lock >= 0);
    pid_t child = fork(); /* a program's own lock does not stop it itself */
    assert_true(child >= 0);
    if (child == 0)
        _exit(sweep(fixture, &config, false, &lines) == ERROR_BUSY ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_expect_tree(fixture, COMPLETED("old") "\n");
    close(lock);
    fixture_age(fixture, "index/sweeper", 1000);
    int64_t before = clock_now() - clock_second;
    assert_true(sweep_last(&fixture->spool) < before);
    assert_int_equal(sweep(fixture, &config, false, &lines), ERROR_NONE);
    fixture_expect_tree(fixture, "");
    assert_true(sweep_last(&fixture->spool) > before);
    buffer_free(&lines);
}

/* What cannot be done is left, logged, and keeps nothing else from its turn. */
static void test_goes_on_after_an_error(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, "tmp/42-w.verdict", "no record");
    fixture_put(*state, "tmp/1.2.3", "");
    fixture_age(*state, "tmp/1.2.3", 99 * 86400);
    expect_sweep(*state, &config, "tmp/42-w.verdict\n", "removed 1 file left");
    assert_true(fixture_logged(*state, "42-w.verdict"));
}

/* A result that was spoken is not debris, however long it cannot be placed. */
static void test_keeps_what_was_spoken(void **state)
{
    struct config config = fixture_config();
    fixture_put(*state, "done/42", "a file where a folder should be");
    fixture_put(*state, "tmp/42-v.verdict", RECORD);
    fixture_age(*state, "tmp/42-v.verdict", 99 * 86400);
    expect_sweep(*state, &config, "done/42\ntmp/42-v.verdict\n",
        "left alone done/42: it is no folder; mend it with: mv '");
}

/* A finished task that is queued again, as by a retry: the mark goes first. */
struct retry {
    const struct fixture *fixture;
    unsigned left; /* how many looks before that */
};

static void retry(void *context)
{
    struct retry *retry = context;
    int directory = retry->fixture->spool.directory;
    if (retry->left == 0)
        return;
    retry->left--;
    if (retry->left > 0)
        return;
    file_remove(directory, "progress/42/t.cancel");
    assert_int_equal(
        renameat(directory, FAILED("t"), directory, PENDING("a", "t")), 0);
}

static void test_retried_meanwhile(void **state)
{
    struct config config = fixture_config();
    struct retry again = {*state, 0};
    for (unsigned look = 1; again.left == 0; look++) {
        struct buffer lines = BUFFER_EMPTY;
        fixture_put(*state, FAILED("t"), DROP("a"));
        fixture_put(*state, PENDING("a", "u"), DROP("a"));
        fixture_put(*state, "progress/42/t.cancel", "");
        again.left = look;
        fault_set_meanwhile(FAULT_STATUS, retry, &again);
        assert_int_equal(sweep(*state, &config, false, &lines), ERROR_NONE);
        fault_set_meanwhile(FAULT_STATUS, NULL, NULL);
        if (again.left == 0)
            fixture_expect_tree(
                *state, PENDING("a", "t") "\n" PENDING("a", "u") "\n");
        buffer_free(&lines);
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_retried_meanwhile),
        IN_SPOOL(test_duties),
        IN_SPOOL(test_moved_aside),
        IN_SPOOL(test_kept_aside),
        IN_SPOOL(test_clock_set_back),
        IN_SPOOL(test_from_the_future),
        IN_SPOOL(test_clock_behind),
        IN_SPOOL(test_looked_through_in_the_future),
        IN_SPOOL(test_clears_what_is_done),
        IN_SPOOL(test_keeps_a_reason_with_its_file),
        IN_SPOOL(test_keeps_a_reason_in_doubt),
        IN_SPOOL(test_keeps_all_for_ever),
        IN_SPOOL(test_expires),
        IN_SPOOL(test_whole),
        IN_SPOOL(test_many_names),
        IN_SPOOL(test_dry_run),
        IN_SPOOL(test_one_at_a_time),
        IN_SPOOL(test_goes_on_after_an_error),
        IN_SPOOL(test_keeps_what_was_spoken),
    };
    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
