/* SPDX-License-Identifier: MIT */
/* Steps without a server: a program run by itself, and a bare durable file. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    VARIABLES_MOST = 64
};

/* Splits the text into the environment and the file for standard input. */
static const char *split(char *text, char *environment[VARIABLES_MOST + 1])
{
    const char *input = "/dev/null";
    int count = 0;
    for (char *line = strtok(text, "\n"); line != NULL;
        line = strtok(NULL, "\n")) {
        if (line[0] == '<')
            input = line + 1;
        else if (count < VARIABLES_MOST)
            environment[count++] = line;
        else
            load_fail("too many variables");
    }
    environment[count] = NULL;
    return input;
}

static pid_t start(
    const char *program, const char *input, int output, char **environment)
{
    pid_t child;
    char name[] = "program";
    char *arguments[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(
        &actions, STDIN_FILENO, input, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    errno =
        posix_spawn(&child, program, &actions, NULL, arguments, environment);
    if (errno != 0)
        load_fail(program);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static void read_output(struct client *client, int output)
{
    size_t length = 0;
    ssize_t count;
    while (length < ANSWER_MAX && (count = read(output, client->answer + length,
                                       ANSWER_MAX - length)) > 0)
        length += (size_t)count;
    client->answer[length] = '\0';
}

void exec_program(
    struct client *client, const char *program, char *text, size_t length)
{
    static const char mark[] = "Status: ";
    char *environment[VARIABLES_MOST + 1];
    int ends[2];
    int status;
    (void)length;
    const char *input = split(text, environment);
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
        load_fail("a pipe");
    pid_t child = start(program, input, ends[1], environment);
    close(ends[1]);
    read_output(client, ends[0]);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || status != 0)
        load_fail("a program has failed");
    errno = 0;
    if (strncmp(client->answer, mark, strlen(mark)) == 0 &&
        !status_is_success(client->answer + strlen(mark)))
        load_fail(client->answer);
}

/* What any durable store on this disk pays for one record, if it is journaled:
 * one file, and the one commit that makes its name safe, too. */
void write_durably(const char *folder, const char *text, size_t length)
{
    char name[64];
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(name, sizeof name, "%ld-%lld", (long)getpid(),
        (long long)load_now());
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0 || write(file, text, length) != (ssize_t)length ||
        fsync(file) != 0 || close(file) != 0 || close(directory) != 0)
        load_fail(folder);
}
