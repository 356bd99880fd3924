/* SPDX-License-Identifier: MIT */
/* The process around a request: how it begins, and what follows the answer. */
#include "clock_fixture.h"
#include "pages.h"
#include "process.h"
#include "request_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- How it begins ---------------------------------------------------------
 */

enum {
    STANDARD = 3
};

/* Which of 0 to 2 are open, one bit each. */
static unsigned open_standard(void)
{
    unsigned set = 0;
    for (int i = 0; i < STANDARD; i++)
        set |= (fcntl(i, F_GETFD) >= 0 ? 1U : 0U) << i;
    return set;
}

static void let_open(rlim_t count)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = count < limit.rlim_max ? count : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* What process_begin makes of a server that leaves only these open: what is
 * open then, and in the next bit whether more is than was. */
static unsigned begun_with(unsigned left, rlim_t limit)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child != 0) {
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return (unsigned)WEXITSTATUS(status);
    }
    int before = fcntl(STDERR_FILENO, F_DUPFD, STANDARD);
    close(before);
    for (int i = 0; i < STANDARD; i++) {
        if ((left & 1U << i) == 0)
            close(i);
    }
    let_open(limit);
    process_begin();
    let_open(RLIM_INFINITY);
    int after = open("/dev/null", O_RDONLY);
    close(after);
    unsigned set = open_standard();
    exit((int)(set | (after > before ? 8U : 0U)));
}

/* Whatever the server left closed is open, and nothing besides. */
static void test_standard_descriptors(void **state)
{
    (void)state;
    for (unsigned left = 0; left < 8; left++)
        assert_int_equal(begun_with(left, RLIM_INFINITY), 7);
    /* A host that lets no more be open is not asked for ever. */
    assert_int_equal(begun_with(6, STANDARD), 7);
    assert_int_equal(begun_with(0, 0), 0);
}

/* --- What follows the answer -----------------------------------------------
 */

static void open_program(struct program *program, const struct fixture *fixture)
{
    memset(program, 0, sizeof *program);
    program->spool = fixture->spool;
    program->config = fixture_config();
    program->config.background = true;
    program->account = (struct account){&program->spool, &program->config, 42};
    program->answered = true;
}

static void test_nothing_follows(void **state)
{
    struct program program;
    struct process_work work;
    for (int why = 0; why < 3; why++) {
        open_program(&program, *state);
        program.ingest_due = program.refresh_due = true;
        if (why == 0)
            program.answered = false;
        else if (why == 1)
            program.config.background = false;
        else
            program.config_wrong = true;
        work = process_find_work(&program);
        assert_false(work.ingest || work.refresh || work.sweep);
    }
}

static void test_work_is_found(void **state)
{
    struct program program;
    open_program(&program, *state);
    struct process_work work = process_find_work(&program);
    assert_true(work.sweep); /* none has ever been */
    assert_false(work.ingest || work.refresh);
    process_do_work(&program, work);
    program.ingest_due = program.refresh_due = true;
    work = process_find_work(&program);
    assert_false(work.sweep);
    assert_true(work.ingest && work.refresh);
}

static void test_ingest(void **state)
{
    const struct fixture *fixture = *state;
    struct program program;
    open_program(&program, fixture);
    fixture_record(fixture, "get_all_products", 0, 1, "{}",
        "{\"items\":[{\"id\":1,\"title\":\"One\"}]}");
    process_do_work(&program, (struct process_work){.ingest = true});
    fixture_expect_row(fixture, "1", "title", "\"One\"");
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
}

/* The deep queue's index is there for the next poll. */
static void test_refresh(void **state)
{
    const struct fixture *fixture = *state;
    struct program program;
    open_program(&program, fixture);
    fixture_fill(fixture, 0, 1000);
    assert_null(fixture_find(fixture, "index", ".queue"));
    process_do_work(&program, (struct process_work){.refresh = true});
    assert_non_null(fixture_find(fixture, "index", ".queue"));
}

/* A task whose lease is over is given back. */
static void test_sweep(void **state)
{
    const struct fixture *fixture = *state;
    struct program program;
    open_program(&program, fixture);
    fixture_put(fixture, EXECUTING(PAST, "abc123", "get_stats", "t"),
        DROP("get_stats"));
    process_do_work(&program, (struct process_work){.sweep = true});
    assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
}

/* --- A whole program -------------------------------------------------------
 */

/* The process that the program of this page would be: a poll of user 42. Fails
 * the test unless its answer holds the words. */
static void run_poll(const struct fixture *fixture, const char *words)
{
    int ends[2];
    int status;
    char answer[4000];
    size_t length = 0;
    ssize_t count;
    static const struct page *const page[] = {&page_next_task, NULL};
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        setenv("STOFLOW_ROOT", fixture->root, 1);
        setenv("REQUEST_METHOD", "GET", 1);
        setenv("PATH_INFO", "/api/plugin/tasks", 1);
        setenv("QUERY_STRING", "", 1);
        setenv("HTTP_AUTHORIZATION", "Bearer backend", 1);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        exit(process_run(page));
    }
    close(ends[1]);
    while ((count = read(
                ends[0], answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)count;
    close(ends[0]);
    answer[length] = '\0';
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    if (strstr(answer, words) == NULL)
        fail_msg("have %s, want %s", answer, words);
}

static ino_t index_of(const struct fixture *fixture)
{
    struct stat status;
    return fstatat(fixture->spool.directory, "index/42.queue", &status, 0) == 0
               ? status.st_ino
               : 0;
}

/* An index that is old is used once more, and made anew behind the answer. */
static void test_program(void **state)
{
    const struct fixture *fixture = *state;
    const struct timespec pause = {.tv_nsec = 5000000};
    struct program program;
    open_program(&program, fixture);
    request_tokens(fixture);
    fixture_fill(fixture, 0, 1000);
    process_do_work(&program, (struct process_work){.sweep = true});
    request_settings(fixture, "[queue]\nsweep_every = 86400\n");
    run_poll(fixture, "\"task_id\":\"f0\"");
    run_poll(fixture, "\"task_id\":\"f1\"");
    ino_t before = index_of(fixture);
    clock_fixture_set(20);
    run_poll(fixture, "\"task_id\":\"f2\"");
    clock_fixture_set(0);
    alarm(60); /* which ends the test, should it never come */
    while (index_of(fixture) == before)
        nanosleep(&pause, NULL);
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standard_descriptors),
        IN_SPOOL(test_nothing_follows),
        IN_SPOOL(test_work_is_found),
        IN_SPOOL(test_ingest),
        IN_SPOOL(test_refresh),
        IN_SPOOL(test_sweep),
        IN_SPOOL(test_program),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
