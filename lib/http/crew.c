/* SPDX-License-Identifier: MIT */
#include "crew.h"

#include "process.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    /* Milliseconds before one that failed is replaced, so that one which fails
     * at once does not keep the machine busy. */
    PAUSE = 100,

    /* Seconds after which the host is asked for a process again. */
    AGAIN = 1
};

struct crew {
    int members;
    pid_t *processes; /* 0: there is none in that place */
    int lifeline[2];  /* a pipe that nobody writes to: it ends with us */
    crew_work *work;
    void *context;
};

void crew_ending_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGUSR1);
}

static void become_member(struct crew *crew)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_UNBLOCK, &child, NULL);
    close(crew->lifeline[1]);
    free(crew->processes);
    exit(crew->work(crew->context, crew->lifeline[0]));
}

/* Fills every place. False where the host gives no process for one. */
static bool fill(struct crew *crew)
{
    for (int i = 0; i < crew->members; i++) {
        if (crew->processes[i] > 0)
            continue;
        pid_t child = fork();
        if (child == 0)
            become_member(crew);
        if (child < 0)
            return false;
        crew->processes[i] = child;
    }
    return true;
}

static void forget(struct crew *crew, pid_t process)
{
    for (int i = 0; i < crew->members; i++) {
        if (crew->processes[i] == process)
            crew->processes[i] = 0;
    }
}

/* Takes leave of those that have ended. */
static void bury(struct crew *crew)
{
    int status;
    pid_t process;
    bool failed = false;
    while ((process = waitpid(-1, &status, WNOHANG)) > 0) {
        forget(crew, process);
        failed = failed || status != 0;
    }
    if (failed)
        poll(NULL, 0, PAUSE);
}

/* What they are at, they finish. */
static void dismiss(const struct crew *crew)
{
    for (int i = 0; i < crew->members; i++) {
        if (crew->processes[i] > 0)
            kill(crew->processes[i], SIGTERM);
    }
    for (int i = 0; i < crew->members; i++) {
        if (crew->processes[i] > 0)
            waitpid(crew->processes[i], NULL, 0);
    }
}

/* Waits for a signal: true for the end of a process, or where one is missing
 * and it is time to try again. */
static bool goes_on(const sigset_t *awaited, bool full)
{
    static const struct timespec again = {.tv_sec = AGAIN};
    int number =
        full ? sigwaitinfo(awaited, NULL) : sigtimedwait(awaited, NULL, &again);
    return number == SIGCHLD || number < 0;
}

int crew_run(int members, crew_work *work, void *context)
{
    struct crew crew = {.members = members, .work = work, .context = context};
    sigset_t awaited;
    crew_ending_signals(&awaited);
    sigaddset(&awaited, SIGCHLD);
    signal(SIGCHLD, SIG_DFL); /* a server may have us ignore it */
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    crew.processes = calloc((size_t)members, sizeof *crew.processes);
    if (crew.processes == NULL || pipe(crew.lifeline) != 0) {
        free(crew.processes);
        return PROCESS_TEMPORARY;
    }
    while (goes_on(&awaited, fill(&crew)))
        bury(&crew);
    dismiss(&crew);
    free(crew.processes);
    return 0;
}
