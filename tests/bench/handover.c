/* SPDX-License-Identifier: MIT */
/* handover COUNT PAUSE POLL ACT RESULT: what a plugin that waits does and what
 * gives it a task, in turns. Sends the request POLL, gives it PAUSE ms to be
 * held, carries out ACT, takes POLL's answer, and posts RESULT. ACT is a
 * request on a connection of its own, or a file that is renamed into a folder.
 * Prints the NANOSECONDS from the beginning of each ACT to the answer. */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SECONDS_MOST = 120,
    COUNT_MOST = 100000,
    PAUSE_MOST = 10000
};

/* Writes the file beside the folder, where nobody looks; the task that it
 * makes has an ID of its own. */
static void prepare_drop(const struct step *act, const char *from)
{
    int file = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 ||
        write(file, act->text, act->length) != (ssize_t)act->length ||
        close(file) != 0)
        load_fail(from);
}

struct scene {
    struct client plugin;
    struct client backend;
    struct step poll;
    struct step act;
    struct step result;
    int pause;
};

/* Returns when it began. */
static int64_t do_act(struct scene *scene)
{
    static unsigned number;
    char from[4096];
    char to[4096];
    bool drops = strcmp(scene->act.kind, "drop") == 0;
    snprintf(from, sizeof from, "%s.new", scene->act.target);
    snprintf(to, sizeof to, "%s/%ld-%u.json", scene->act.target, (long)getpid(),
        number++);
    if (drops)
        prepare_drop(&scene->act, from);
    poll(NULL, 0, scene->pause);
    int64_t start = load_now();
    if (!drops)
        http_send(&scene->backend, scene->act.text, scene->act.length);
    else if (rename(from, to) != 0)
        load_fail(to);
    return start;
}

static void play(struct scene *scene)
{
    size_t length;
    errno = 0;
    http_send(&scene->plugin, scene->poll.text, scene->poll.length);
    int64_t start = do_act(scene);
    http_receive(&scene->plugin);
    printf("%lld\n", (long long)(load_now() - start));
    if (strcmp(scene->act.kind, "http") == 0)
        http_receive(&scene->backend);
    step_note_id(&scene->plugin);
    char *text = step_fill_in(&scene->result, &scene->plugin, &length);
    http_request(&scene->plugin, text, length);
    free(text);
}

int main(int count, char **arguments)
{
    static struct scene scene;
    if (count != 6)
        load_fail("usage: handover COUNT PAUSE POLL ACT RESULT");
    long rounds = load_number(arguments[1], COUNT_MOST);
    scene.pause = (int)load_number(arguments[2], PAUSE_MOST);
    step_read(arguments[3], &scene.poll);
    step_read(arguments[4], &scene.act);
    step_read(arguments[5], &scene.result);
    alarm(SECONDS_MOST);
    http_connect(&scene.plugin, scene.poll.target);
    if (strcmp(scene.act.kind, "http") == 0)
        http_connect(&scene.backend, scene.act.target);
    for (long i = 0; i < rounds; i++)
        play(&scene);
    return 0;
}
