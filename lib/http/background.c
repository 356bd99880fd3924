/* SPDX-License-Identifier: MIT */
#include "background.h"

#include "buffer.h"
#include "clock.h"
#include "ingest.h"
#include "program.h"
#include "queue.h"
#include "safety.h"
#include "stamp.h"
#include "sweep.h"

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

static bool is_sweep_due(const struct program *program)
{
    return stamp_is_due(
        sweep_last(&program->spool), clock_now(), program->config.sweep_every);
}

static void sweep(const struct program *program)
{
    struct sweep sweep = {.spool = &program->spool,
        .config = &program->config,
        .until = clock_now() + (SWEEP_SECONDS_BACKGROUND * clock_second),
        .lines = BUFFER_EMPTY};
    sweep_run(&sweep);
    buffer_free(&sweep.lines);
}

/* Servers end a program's process group when its output is closed, some with
 * SIGKILL. A new session made before the descriptors are closed is out of
 * their reach: this order was seen to survive on lighttpd, Apache (cgi and
 * cgid) and nginx with fcgiwrap. Closing them lets the server send the answer
 * off without waiting for us. */
static void detach(void)
{
    setsid();
    signal(SIGTERM, SIG_DFL);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    alarm(PROGRAM_ALARM);
}

void background_run(const struct program *program)
{
    bool due = is_sweep_due(program);
    if (!due && !program->ingest_due && !program->refresh_due)
        return;
    if (fork() != 0)
        return; /* the parent; or no process to be had, and the next will */
    detach();
    if (program->ingest_due)
        ingest_in_passing(&program->account);
    if (program->refresh_due)
        queue_refresh(&program->account);
    if (due)
        sweep(program);
    _exit(0);
}
