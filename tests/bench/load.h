/* SPDX-License-Identifier: MIT */
/* The benchmark's load driver: clients that carry out steps and time them.
 *
 * A step is read from a file whose first line says what it is; the lines after
 * it are the step's text:
 *
 *   http PORT       a whole HTTP/1.1 request to 127.0.0.1, sent as it is
 *   exec PROGRAM    NAME=VALUE lines, the program's environment, and
 *                   optionally "<FILE", its standard input
 *   write FOLDER    what a file is to hold that is made durable there
 *   drop FOLDER     what a file is to hold that is renamed into it
 *
 * "@ID@" in the text stands for the task_id of the last answer that had one. */
#ifndef STOFLOW_BENCH_LOAD_H
#define STOFLOW_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct step {
    char kind[8];
    char *target; /* the first line behind the kind */
    char *text;
    size_t length;
};

enum load_sizes {
    ANSWER_MAX = 262144,
    ID_SIZE = 80
};

struct client {
    int number;
    int connection; /* -1: none */
    char id[ID_SIZE];
    char answer[ANSWER_MAX + 1]; /* the last one, NUL-terminated */
};

/* Says on standard error what went wrong, with errno if it is set, and ends
 * the process with status 1. */
_Noreturn void load_fail(const char *what);

/* Nanoseconds of a clock that is the same for every process. */
int64_t load_now(void);

/* The number that an argument holds, from 1 to `most`; ends the process if it
 * is none. */
long load_number(const char *text, long most);

/* Reads a step from its file, for as long as the process lives. */
void step_read(const char *path, struct step *step);

/* A copy of the step's text with the client's ID put in, to be freed. */
char *step_fill_in(
    const struct step *step, const struct client *client, size_t *length);

/* Takes the ID from the client's answer. One without a task, such as that to a
 * result, keeps the last ID; one that says that there is none forgets it. */
void step_note_id(struct client *client);

/* Connects to 127.0.0.1 and sends one request that is not timed, so that the
 * server has taken the connection. */
void http_connect(struct client *client, const char *port);

/* The two halves of http_request. */
void http_send(struct client *client, const char *text, size_t length);
void http_receive(struct client *client);

/* Each carries out a step, `text` being the step's with the ID put in, leaves
 * an answer in client->answer, and ends the process if it is no success. */
void http_request(struct client *client, const char *text, size_t length);
void exec_program(
    struct client *client, const char *program, char *text, size_t length);

/* Writes a file of its own into the folder and ends the process if that does
 * not become durable. */
void write_durably(const char *folder, const char *text, size_t length);

/* Whether a status line, or a CGI program's Status, says 2xx; `text` is what
 * stands behind the first blank of the line. */
bool status_is_success(const char *text);

#endif
