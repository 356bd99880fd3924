/* SPDX-License-Identifier: MIT */
/* Answers one request twice in one process: `twice PROGRAM ROOT FILE`, with the
 * pages of that program of cgi-bin/, out of a CGI's environment and standard
 * input, which is a file. The first answer goes to standard output; the second
 * is for ROOT instead of STOFLOW_ROOT and goes to FILE. Whoever has made both
 * roots alike sees from the answers what the process has kept of the first
 * request; tests/support/twice.py compares them. */
#include "environment.h"
#include "pages.h"
#include "program.h"
#include "reply.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VARIABLES_MAX = 200
};

static const char root_name[] = "STOFLOW_ROOT";

/* Both requests are short, and the test watches over the time. */
static void begin(void)
{
}

static bool answer(
    const struct page *const *held, char *const *environment, int output)
{
    const struct gateway gateway = {.environment = environment,
        .input = {.descriptor = STDIN_FILENO},
        .begin = begin};
    struct program *program = calloc(1, sizeof *program);
    if (program == NULL)
        return false;
    lseek(STDIN_FILENO, 0, SEEK_SET);
    program_answer(program, held, &gateway);
    bool good = reply_send(&program->reply, output) == ERROR_NONE;
    program_note(program);
    program_free(program);
    free(program);
    return good;
}

/* The process's own environment with another root. */
static bool change_root(char *changed[VARIABLES_MAX], char *root)
{
    size_t length = sizeof root_name - 1;
    size_t count = 0;
    for (char *const *at = environment_own(); *at != NULL; at++) {
        if (count == VARIABLES_MAX - 1)
            return false;
        bool is_root =
            strncmp(*at, root_name, length) == 0 && (*at)[length] == '=';
        changed[count++] = is_root ? root : *at;
    }
    changed[count] = NULL;
    return true;
}

static bool answer_twice(
    const struct page *const *held, const char *root, int output)
{
    char variable[600];
    char *changed[VARIABLES_MAX];
    snprintf(variable, sizeof variable, "%s=%s", root_name, root);
    return change_root(changed, variable) &&
           answer(held, environment_own(), STDOUT_FILENO) &&
           answer(held, changed, output);
}

/* Those of a program; the one that it has stands in `alone`. */
static const struct page *const *pages_of(
    const char *program, const struct page *alone[2])
{
    if (strcmp(program, "api") == 0)
        return pages;
    for (size_t i = 0; pages[i] != NULL; i++) {
        if (strcmp(pages[i]->name, program) == 0)
            alone[0] = pages[i];
    }
    return alone[0] == NULL ? NULL : alone;
}

int main(int count, char **words)
{
    const struct page *alone[2] = {NULL, NULL};
    const struct page *const *held =
        count == 4 ? pages_of(words[1], alone) : NULL;
    if (held == NULL) {
        fputs("usage: twice PROGRAM ROOT FILE\n", stderr);
        return 100;
    }
    umask(0077);
    int output = open(words[3], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = output >= 0 && answer_twice(held, words[2], output);
    return good && close(output) == 0 ? 0 : 1;
}
