/* SPDX-License-Identifier: MIT */
/* Steps: read from their files, and filled in with the ID that came last. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PLACES_MOST = 4 /* of the ID in one step */
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

int64_t load_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

long load_number(const char *text, long most)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < 1 || number > most)
        load_fail("a number is wrong");
    return number;
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

void step_read(const char *path, struct step *step)
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

char *step_fill_in(
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

void step_note_id(struct client *client)
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
