/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* for ppoll(2) */
#include "fastcgi.h"

#include "buffer.h"
#include "crew.h"
#include "environment.h"
#include "number.h"
#include "process.h"
#include "reply.h"
#include "safety.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LISTENING = STDIN_FILENO, /* as the specification has it */
    WORKERS_MAX = 1000,
    REQUESTS = 10000,
    EXIT_USAGE = 100,
    PIECE = 1 << 20 /* bytes that are given to the library at once */
};

struct responder {
    const struct page *const *pages;
    int64_t requests; /* to be answered; 0: any number */
    int lifeline;     /* of a crew's member; else -1 */
    FCGX_Request request;
    bool alone; /* made for this one request */
};

bool fastcgi_is_offered(void)
{
    int listens = 0;
    socklen_t size = sizeof listens;
    return getsockopt(LISTENING, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) ==
               0 &&
           listens != 0;
}

/* --- Signals -----------------------------------------------------------------
 * Those that end it wait until nothing is being answered, so that no call of a
 * page is ever interrupted; only ppoll(2) lets them in. */

static volatile sig_atomic_t ending;

static void note_ending(int number)
{
    (void)number;
    ending = 1;
}

/* At the first limit of computing (RLIMIT_CPU), which a process that stays
 * comes to some day, another takes its place before the second one kills. It
 * comes while a page is at work, whose calls then go on. */
static void end_at_limit(void)
{
    struct sigaction action = {
        .sa_handler = note_ending, .sa_flags = SA_RESTART};
    sigaction(SIGXCPU, &action, NULL);
}

static void set_ending_signals(void (*handler)(int number), int how)
{
    sigset_t ends;
    struct sigaction action = {.sa_handler = handler};
    crew_ending_signals(&ends);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigprocmask(how, &ends, NULL);
}

/* --- Other processes ------------------------------------------------------ */

/* In one that was made for what is left of a request: nothing of the worker
 * must stay with it, or a server that starts anew would be kept from its
 * socket. Descriptor 0 is filled, so that no file of the spool gets it. */
static void leave_worker(struct responder *responder)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0 && null != LISTENING) {
        dup2(null, LISTENING);
        close(null);
    }
    if (responder->lifeline >= 0)
        close(responder->lifeline);
    responder->lifeline = -1;
    responder->alone = true;
    signal(SIGXCPU, SIG_IGN);
    set_ending_signals(SIG_DFL, SIG_UNBLOCK);
}

/* gateway.hold: whoever waits takes the connection along. */
static enum hold hold(void *context)
{
    struct responder *responder = context;
    if (responder->alone)
        return HOLD_HERE;
    pid_t child = fork();
    if (child < 0)
        return HOLD_NOWHERE;
    if (child > 0)
        return HOLD_ELSEWHERE;
    leave_worker(responder);
    process_begin_work(); /* the alarm is its parent's */
    return HOLD_HERE;
}

/* Lets go of the connection without a word, which another process has, too. */
static void let_go(struct responder *responder)
{
    FCGX_Detach(&responder->request);
    FCGX_Free(&responder->request, 1);
}

/* In the process that tidies up behind an answer. */
static void leave_request(void *context)
{
    struct responder *responder = context;
    let_go(responder);
    leave_worker(responder);
}

/* --- One request ---------------------------------------------------------- */

static ssize_t read_body(void *context, char *to, size_t length)
{
    const struct responder *responder = context;
    return FCGX_GetStr(
        to, length < PIECE ? (int)length : PIECE, responder->request.in);
}

static ssize_t write_answer(struct sink *sink, const char *bytes, size_t length)
{
    const struct responder *responder = sink->context;
    return FCGX_PutStr(
        bytes, length < PIECE ? (int)length : PIECE, responder->request.out);
}

/* The server has its answer whole once both streams are closed. */
static void send_answer(
    struct responder *responder, const struct program *program)
{
    struct sink sink;
    sink_open_by(&sink, write_answer, responder, INT64_MAX);
    reply_put(&program->reply, &sink);
    FCGX_FClose(responder->request.err);
    FCGX_FClose(responder->request.out);
}

/* Also where the server would use the connection once more: others may wait for
 * this process. */
static void finish(struct responder *responder)
{
    FCGX_Finish_r(&responder->request);
    if (responder->request.ipcFd >= 0)
        FCGX_Free(&responder->request, 1);
}

static void answer(struct responder *responder)
{
    static struct program program;
    const struct gateway gateway = {.environment = responder->request.envp,
        .input = {-1, read_body, responder},
        .begin = process_begin_work,
        .hold = hold,
        .context = responder};
    memset(&program, 0, sizeof program);
    program_answer(&program, responder->pages, &gateway);
    if (program.left) {
        let_go(responder);
    } else {
        send_answer(responder, &program);
        process_work_behind(&program, leave_request, responder);
        program_note(&program);
        finish(responder);
    }
    program_free(&program);
}

static void take(struct responder *responder)
{
    if (process_leave_root(responder->request.envp)) {
        answer(responder);
    } else {
        FCGX_SetExitStatus(PROCESS_TEMPORARY, responder->request.out);
        finish(responder);
    }
    if (responder->alone)
        _exit(0);
}

/* --- One after the other -------------------------------------------------- */

/* Waits for a request. False once it is to end, or its crew has ended. */
static bool wait_for_request(const struct responder *responder)
{
    sigset_t none;
    /* poll(2) passes over a descriptor of -1. */
    struct pollfd watched[] = {{.fd = LISTENING, .events = POLLIN},
        {.fd = responder->lifeline, .events = POLLIN}};
    sigemptyset(&none);
    int count;
    do {
        count = ppoll(watched, 2, NULL, &none);
    } while (count < 0 && errno == EINTR && !ending);
    return count > 0 && !ending && watched[1].revents == 0;
}

/* Another worker may have been faster, and a client may have gone. */
static bool is_passing(int failure)
{
    return failure == -EAGAIN || failure == -EINTR || failure == -ECONNABORTED;
}

/* libfcgi closes a connection over which nothing has come for two seconds. On a
 * busy machine that is no sign of anything, and its request would be lost. */
static bool open_library(struct responder *responder)
{
    setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "30000", 0); /* ms */
    return FCGX_Init() == 0 && FCGX_InitRequest(&responder->request, LISTENING,
                                   FCGI_FAIL_ACCEPT_ON_INTR) == 0;
}

/* A member's whole life. The alarm bounds also how long a server takes to tell
 * its request. */
static int serve(void *context, int lifeline)
{
    struct responder *responder = context;
    int64_t left = responder->requests == 0 ? INT64_MAX : responder->requests;
    responder->lifeline = lifeline;
    signal(SIGCHLD, SIG_IGN); /* nobody is waited for */
    set_ending_signals(note_ending, SIG_BLOCK);
    end_at_limit();
    fcntl(LISTENING, F_SETFL, O_NONBLOCK);
    if (!open_library(responder))
        return PROCESS_TEMPORARY;
    while (left > 0 && !ending && wait_for_request(responder)) {
        alarm(PROGRAM_ALARM);
        int failure = FCGX_Accept_r(&responder->request);
        if (failure == 0) {
            take(responder);
            left--;
        } else if (!is_passing(failure)) {
            return ending ? 0 : PROCESS_TEMPORARY;
        }
        alarm(0);
    }
    return 0;
}

/* A number of the environment, 0 to `most`, as it is where there is none. False
 * after having said on standard error what is wrong. */
static bool read_number(const char *name, int64_t most, int64_t *number)
{
    const char *text = environment_text(environment_own(), name);
    if (text[0] == '\0' ||
        (number_parse(text, strlen(text), number) == ERROR_NONE &&
            *number >= 0 && *number <= most))
        return true;
    struct buffer line = BUFFER_EMPTY;
    buffer_append_format(&line,
        "stoflow: fatal: %s is not a whole number from 0 to %lld\n", name,
        (long long)most);
    ssize_t written = write(STDERR_FILENO, buffer_text(&line), line.length);
    (void)written; /* the exit status says it, too */
    buffer_free(&line);
    return false;
}

int fastcgi_run(const struct page *const *pages)
{
    static struct responder responder;
    int64_t workers = 0;
    responder.pages = pages;
    responder.requests = REQUESTS;
    process_begin();
    if (!read_number("STOFLOW_WORKERS", WORKERS_MAX, &workers) ||
        !read_number("STOFLOW_REQUESTS", INT32_MAX, &responder.requests))
        return EXIT_USAGE;
    if (workers == 0)
        return serve(&responder, -1);
    return crew_run((int)workers, serve, &responder);
}
