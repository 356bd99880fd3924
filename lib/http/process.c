/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "background.h"
#include "backlog.h"
#include "census.h"
#include "clock.h"
#include "environment.h"
#include "ingest.h"
#include "queue.h"
#include "root.h"
#include "safety.h"
#include "settle_ask.h"
#include "spool_owner.h"
#include "stamp.h"
#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* No file of the spool may bear a descriptor from 0 to 2, where answers and
 * messages are written: what the server left closed is filled. */
static void keep_standard_descriptors(void)
{
    struct pollfd standard[] = {
        {.fd = STDIN_FILENO}, {.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};
    poll(standard, 3, 0);
    if (((standard[0].revents | standard[1].revents | standard[2].revents) &
            POLLNVAL) == 0)
        return;
    int descriptor;
    do {
        descriptor = open("/dev/null", O_RDWR);
    } while (descriptor >= 0 && descriptor < STDERR_FILENO);
    if (descriptor > STDERR_FILENO)
        close(descriptor);
}

/* A file over RLIMIT_FSIZE is EFBIG then, a log as well as a result. Past the
 * first limit of RLIMIT_CPU the work is brought to its end; past the second the
 * system kills, which harms no more than any kill. */
void process_begin(void)
{
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGXCPU, SIG_IGN);
    keep_standard_descriptors();
}

bool process_become_owner(const char *program, const char *root)
{
    uid_t owner;
    struct buffer line = BUFFER_EMPTY;
    enum error error = spool_owner_become(root, &owner);
    if (error == ERROR_NONE)
        return true;
    buffer_append_format(&line,
        "%s: fatal: root cannot become user %ld, whose spool this is: %s\n",
        program, (long)owner, error_text(error));
    ssize_t written = write(STDERR_FILENO, buffer_text(&line), line.length);
    (void)written; /* the exit status says it, too */
    buffer_free(&line);
    return false;
}

bool process_leave_root(char *const *environment)
{
    struct buffer root = BUFFER_EMPTY;
    bool left = geteuid() != 0 || root_find(environment, &root) != ERROR_NONE ||
                process_become_owner("stoflow", buffer_text(&root));
    buffer_free(&root);
    return left;
}

void process_begin_work(void)
{
    alarm(PROGRAM_ALARM);
}

/* --- What follows the answer ---------------------------------------------- */

struct process_work process_find_work(const struct program *program)
{
    struct process_work work = {false, false, false, false, false};
    if (!program->answered || !program->config.background ||
        program->config_wrong)
        return work;
    work.ingest = program->ingest_due;
    work.refresh = program->refresh_due;
    work.census = program->census_due;
    work.backlog = program->backlog_due;
    work.sweep = stamp_is_due(
        sweep_last(&program->spool), clock_now(), program->config.sweep_every);
    return work;
}

bool process_has_work(struct process_work work)
{
    return work.ingest || work.refresh || work.census || work.backlog ||
           work.sweep;
}

static void sweep(const struct program *program)
{
    struct sweep sweep = {.spool = &program->spool,
        .config = &program->config,
        .until = clock_steady() + (SWEEP_SECONDS_BACKGROUND * clock_second),
        .lines = BUFFER_EMPTY};
    sweep_run(&sweep);
    buffer_free(&sweep.lines);
}

void process_do_work(const struct program *program, struct process_work work)
{
    if (work.ingest && ingest_behind(&program->account))
        settle_ask(&program->account);
    if (work.refresh)
        queue_refresh(&program->account);
    if (work.census)
        census_renew(&program->account);
    if (work.backlog)
        backlog_renew(&program->account);
    if (work.sweep)
        sweep(program);
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

void process_work_behind(
    const struct program *program, void (*leave)(void *context), void *context)
{
    struct process_work work = process_find_work(program);
    if (!process_has_work(work))
        return;
    pid_t child = fork();
    if (child < 0)
        background_refused(&program->spool, errno);
    if (child != 0)
        return;
    detach();
    if (leave != NULL)
        leave(context);
    process_do_work(program, work);
    _exit(0);
}

/* These come after the answer, which must not wait for them. With the output
 * closed a server goes on to its next request; what is to live on has left for
 * a session of its own by then, and only a line of the log is lost should the
 * server end us now. */
static void follow_up(const struct program *program)
{
    process_work_behind(program, NULL, NULL);
    close(STDOUT_FILENO);
    program_note(program);
}

int process_run(const struct page *const *pages)
{
    /* Static, and so zero without being written: an untouched page costs
     * nothing. */
    static struct program program;
    const struct gateway gateway = {.environment = environment_own(),
        .input = {.descriptor = STDIN_FILENO},
        .begin = process_begin_work};
    process_begin();
    if (!process_leave_root(environment_own()))
        return PROCESS_TEMPORARY;
    program_answer(&program, pages, &gateway);
    /* Once Content-Length bytes have come some servers have no more use for the
     * program and end it; what follows the answer must get as far as its own
     * session. */
    signal(SIGTERM, SIG_IGN);
    reply_send(&program.reply, STDOUT_FILENO);
    follow_up(&program);
    program_free(&program);
    return 0;
}
