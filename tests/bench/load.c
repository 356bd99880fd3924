/* SPDX-License-Identifier: MIT */
/* load COUNT CLIENTS STEP...: each client carries out all steps in turn, COUNT
 * times. Prints "CLIENT STEP NANOSECONDS" for each step carried out, and at
 * the end "peak KIB": the most memory that a program which was run held. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SECONDS_MOST = 120, /* a hang ends as a failure */
    STEPS_MOST = 8,
    PLACES_MOST = 4, /* of the ID in one step */
    COUNT_MOST = 100000
};

static const char placeholder[] = "@ID@";

void load_fail(const char *what)
{
    if (errno != 0)
        fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    else
        fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static char *read_whole(const char *path, size_t *length)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        load_fail(path);
    char *text = malloc((size_t)status.st_size + 1);
    if (text == NULL)
        load_fail(path);
    ssize_t count = read(file, text, (size_t)status.st_size);
    if (count != (ssize_t)status.st_size)
        load_fail(path);
    close(file);
    text[count] = '\0';
    *length = (size_t)count;
    return text;
}

static void read_step(const char *path, struct step *step)
{
    size_t length;
    char *text = read_whole(path, &length);
    char *end = strchr(text, '\n');
    char *blank = strchr(text, ' ');
    if (end == NULL || blank == NULL || blank > end ||
        (size_t)(blank - text) >= sizeof step->kind)
        load_fail("a step's first line is wrong");
    *end = *blank = '\0';
    strcpy(step->kind, text);
    step->target = blank + 1;
    step->text = end + 1;
    step->length = length - (size_t)(end + 1 - text);
}

/* A copy of the step's text with the ID put in, to be freed. */
static char *fill_in(
    const struct step *step, const struct client *client, size_t *length)
{
    const char *from = step->text;
    const char *end = step->text + step->length;
    char *text = malloc(step->length + PLACES_MOST * ID_SIZE + 1);
    if (text == NULL)
        load_fail("memory");
    char *to = text;
    const char *place;
    for (int i = 0; i < PLACES_MOST; i++, from = place + strlen(placeholder)) {
        place = strstr(from, placeholder);
        if (place == NULL)
            break;
        if (client->id[0] == '\0')
            load_fail("no task came");
        memcpy(to, from, (size_t)(place - from));
        to += place - from;
        memcpy(to, client->id, strlen(client->id));
        to += strlen(client->id);
    }
    memcpy(to, from, (size_t)(end - from) + 1);
    *length = (size_t)(to - text) + (size_t)(end - from);
    return text;
}

/* An answer without a task, such as that to a result, keeps the last ID; one
 * that says that there is none forgets it. */
static void note_id(struct client *client)
{
    static const char mark[] = "\"task_id\":";
    const char *at = strstr(client->answer, mark);
    if (at == NULL)
        return;
    at += strlen(mark);
    size_t length = at[0] == '"' ? strcspn(at + 1, "\"") : 0;
    if (length >= sizeof client->id)
        load_fail("a task's ID is too long");
    memcpy(client->id, at + 1, length);
    client->id[length] = '\0';
}

static void carry_out(
    struct client *client, const struct step *steps, int number)
{
    const struct step *step = &steps[number];
    size_t length;
    char *text = fill_in(step, client, &length);
    errno = 0;
    int64_t start = now();
    client->answer[0] = '\0';
    if (strcmp(step->kind, "http") == 0)
        http_request(client, text, length);
    else if (strcmp(step->kind, "exec") == 0)
        exec_program(client, step->target, text, length);
    else
        write_durably(client, step->target, text, length);
    int64_t took = now() - start;
    printf("%d %d %lld\n", client->number, number, (long long)took);
    note_id(client);
    free(text);
}

static _Noreturn void be_client(
    struct client *client, long count, const struct step *steps, int most)
{
    alarm(SECONDS_MOST);
    for (int i = 0; i < most && client->connection < 0; i++) {
        if (strcmp(steps[i].kind, "http") == 0)
            http_connect(client, steps[i].target);
    }
    for (long i = 0; i < count; i++) {
        for (int number = 0; number < most; number++)
            carry_out(client, steps, number);
    }
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("peak %ld\n", usage.ru_maxrss);
    if (fflush(stdout) != 0)
        load_fail("output");
    exit(0);
}

/* Each client collects its lines in a buffer as large as they all can be, so
 * that writing them disturbs nobody before it has finished. */
static void start_client(
    int number, long count, const struct step *steps, int most)
{
    static struct client client;
    pid_t child = fork();
    if (child < 0)
        load_fail("fork");
    if (child > 0)
        return;
    size_t size = (size_t)count * (size_t)most * 48 + 64;
    char *lines = malloc(size);
    if (lines == NULL || setvbuf(stdout, lines, _IOFBF, size) != 0)
        load_fail("memory");
    client.number = number;
    client.connection = -1;
    be_client(&client, count, steps, most);
}

static long number_from(const char *text, long most)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < 1 || number > most)
        load_fail("a number is wrong");
    return number;
}

int main(int count, char **arguments)
{
    static struct step steps[STEPS_MOST];
    int status;
    int most = count - 3;
    if (most < 1 || most > STEPS_MOST)
        load_fail("usage: load COUNT CLIENTS STEP...");
    long rounds = number_from(arguments[1], COUNT_MOST);
    long clients = number_from(arguments[2], 256);
    for (int i = 0; i < most; i++)
        read_step(arguments[3 + i], &steps[i]);
    for (int i = 0; i < (int)clients; i++)
        start_client(i, rounds, steps, most);
    int result = 0;
    while (wait(&status) > 0)
        result |= status != 0;
    return result;
}
