/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "environment.h"
#include "error.h"
#include "ingest_fixture.h"
#include "root.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a program finds its root depends on where it stands: so a copy of
 * this test is put there, and run with one argument, says what it finds. */
static int tell(void)
{
    struct buffer root = BUFFER_EMPTY;
    enum error error = root_find(environment_own(), &root);
    printf("%d %s", (int)error, error == ERROR_NONE ? buffer_text(&root) : "");
    buffer_free(&root);
    return 0;
}

static void copy_program(const char *to)
{
    char bytes[65536];
    size_t count;
    struct buffer folder = BUFFER_EMPTY;
    assert_int_equal(
        root_program_folder(environment_own(), &folder), ERROR_NONE);
    buffer_append_text(&folder, "/test_root");
    FILE *in = fopen(buffer_text(&folder), "r");
    FILE *out = fopen(to, "w");
    buffer_free(&folder);
    assert_non_null(in);
    assert_non_null(out);
    do {
        count = fread(bytes, 1, sizeof bytes, in);
        assert_int_equal(fwrite(bytes, 1, count, out), count);
    } while (count == sizeof bytes);
    assert_false(ferror(in));
    fclose(in);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(to, 0700), 0);
}

/* Runs ROOT/cgi-bin/program with this in the environment, NULL for not set. */
static void run(const struct fixture *fixture, const char *set, char out[500])
{
    int ends[2];
    char program[128];
    int status;
    snprintf(program, sizeof program, "%s/cgi-bin/program", fixture->root);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        unsetenv("STOFLOW_ROOT");
        if (set != NULL)
            setenv("STOFLOW_ROOT", set, 1);
        execl(program, program, "tell", (char *)NULL);
        _exit(99);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], out, 499);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(length >= 0);
    out[length] = '\0';
}

struct root_case {
    const char *set;     /* STOFLOW_ROOT */
    const char *pointer; /* content of stoflow.root, NULL for none */
    enum error error;
    const char *want; /* "" for the parent of cgi-bin */
};

static const struct root_case cases[] = {
    {NULL, NULL, ERROR_NONE, ""},
    {"", NULL, ERROR_NONE, ""},
    {"/some/where", NULL, ERROR_NONE, "/some/where"},
    {"/some/where", "/else\n", ERROR_NONE, "/some/where"},
    {"relative", NULL, ERROR_SYNTAX, ""},
    {"../up", "/else\n", ERROR_SYNTAX, ""},
    {NULL, "/else", ERROR_NONE, "/else"},
    {NULL, "/else\n", ERROR_NONE, "/else"},
    {NULL, "/else\r\nsecond line\n", ERROR_NONE, "/else"},
    {"", "/with blank \n", ERROR_NONE, "/with blank "},
    {NULL, "", ERROR_SYNTAX, ""},
    {NULL, "\n/else\n", ERROR_SYNTAX, ""},
    {NULL, "else\n", ERROR_SYNTAX, ""},
    {NULL, " /else\n", ERROR_SYNTAX, ""},
};

static void put_pointer(const struct fixture *fixture, const char *text)
{
    const char *path = "../cgi-bin/stoflow.root";
    if (text != NULL)
        fixture_put(fixture, path, text);
    else
        unlinkat(fixture->spool.directory, path, 0);
}

static void test_order(void **state)
{
    const struct fixture *fixture = *state;
    char program[128];
    snprintf(program, sizeof program, "%s/cgi-bin", fixture->root);
    assert_int_equal(mkdir(program, 0700), 0);
    snprintf(program, sizeof program, "%s/cgi-bin/program", fixture->root);
    copy_program(program);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct root_case *row = &cases[i];
        char have[500];
        char want[500];
        put_pointer(fixture, row->pointer);
        run(fixture, row->set, have);
        snprintf(want, sizeof want, "%d %s", (int)row->error,
            row->error == ERROR_NONE && row->want[0] == '\0' ? fixture->root
                                                             : row->want);
        if (strcmp(have, want) != 0)
            fail_msg(
                "%s, %s: have %s, want %s", row->set, row->pointer, have, want);
    }
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_order),
    };
    if (count == 2 && strcmp(arguments[1], "tell") == 0)
        return tell();
    return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}
