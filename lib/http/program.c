/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "access.h"
#include "background.h"
#include "buffer.h"
#include "clock.h"
#include "config.h"
#include "environment.h"
#include "error.h"
#include "log.h"
#include "presence.h"
#include "problem.h"
#include "program_caller.h"
#include "program_origin.h"
#include "reply.h"
#include "request.h"
#include "root.h"
#include "route.h"
#include "safety.h"
#include "spool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void prepare_process(void)
{
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
}

/* No file of the spool may bear a descriptor from 0 to 2, where answers and
 * messages are written. The spool's own is the first that is opened: if it is
 * one of those, the server left them closed, and they are filled. */
static void keep_standard_descriptors(struct spool *spool)
{
    if (spool->directory > STDERR_FILENO)
        return;
    int higher = fcntl(spool->directory, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(spool->directory);
    spool->directory = higher;
    int descriptor;
    do {
        descriptor = open("/dev/null", O_RDWR);
    } while (descriptor >= 0 && descriptor < STDERR_FILENO);
    if (descriptor > STDERR_FILENO)
        close(descriptor);
}

static void refuse_method(struct program *program, unsigned allowed)
{
    struct buffer text = BUFFER_EMPTY;
    method_list(&text, allowed);
    reply_header(&program->reply, "Allow", buffer_text(&text));
    problem_set(&program->reply, PROBLEM_METHOD,
        "This path takes %s, not %.20s.", buffer_text(&text),
        program->request.method_text);
    buffer_free(&text);
}

/* A program called by its bare name answers its main route. */
static void match_default(
    const struct program *program, struct route_match *match)
{
    static const enum method all[] = {METHOD_GET, METHOD_POST, METHOD_DELETE};
    memset(match, 0, sizeof *match);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (route_default(program->name, all[i]) != NULL)
            match->allowed |= (unsigned)all[i];
    }
    match->route = route_default(program->name, program->request.method);
}

static bool belongs_to(const char *name, const struct route_match *match)
{
    return match->route == NULL || strcmp(match->route->program, name) == 0;
}

static bool find_route(struct program *program, struct route_match *match)
{
    const struct request *request = &program->request;
    if (request->path[0] == '\0' || strcmp(request->path, "/") == 0)
        match_default(program, match);
    else
        route_find(match, request->method, request->path);
    if (match->allowed == 0 || !belongs_to(program->name, match)) {
        problem_set(&program->reply, PROBLEM_UNKNOWN_ROUTE,
            "There is nothing at this path.");
        return false;
    }
    program->route = match->route;
    memcpy(program->id, match->id, sizeof program->id);
    memcpy(program->photo, match->photo, sizeof program->photo);
    memcpy(program->task, match->id, sizeof program->task);
    return true;
}

static bool check_query(struct program *program, enum error error)
{
    const char *fault = "its encoding is broken";
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_CONFLICT)
        fault = "a parameter stands twice";
    else if (error == ERROR_TOO_LARGE)
        fault = "it has more than 32 parameters";
    problem_set(&program->reply, PROBLEM_BAD_REQUEST,
        "The query string is wrong: %s.", fault);
    return false;
}

static bool find_root(struct program *program)
{
    enum error error = root_find(program->request.environment, &program->root);
    if (error != ERROR_NONE) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The folder with etc/ and spool/ was not found: set "
            "STOFLOW_ROOT, or write its absolute path into stoflow.root "
            "beside the programs.");
    }
    return error == ERROR_NONE;
}

static bool load_config(struct program *program, bool tolerant)
{
    enum error error = config_load(
        &program->config, program->root.data, &program->config_fault);
    program->config_loaded = true;
    program->config_wrong = error != ERROR_NONE;
    if (!program->config_wrong)
        return true;
    log_event(&program->spool, "config", "etc/stoflow.ini, line %d: %s",
        program->config_fault.line, program->config_fault.reason);
    if (!tolerant) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "etc/stoflow.ini, line %d: %s.", program->config_fault.line,
            program->config_fault.reason);
    }
    return tolerant;
}

static bool open_spool(struct program *program)
{
    enum error error = spool_open(&program->spool, program->root.data);
    if (error == ERROR_NOT_FOUND) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The root folder (STOFLOW_ROOT, stoflow.root, or the parent of "
            "the programs' folder) does not exist.");
    } else if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Opening the spool");
    } else {
        keep_standard_descriptors(&program->spool);
    }
    return error == ERROR_NONE;
}

/* The configuration is needed for no more than the origins, so a wrong one is
 * no reason to refuse: without it there are none. */
static bool answer_preflight(struct program *program, unsigned allowed)
{
    if (find_root(program)) {
        config_load(
            &program->config, program->root.data, &program->config_fault);
        program->config_loaded = true;
        program_preflight(program, allowed);
    }
    return false;
}

/* Whether the answer function is to be called; else the reply is made. */
static bool prepare_answer(struct program *program, bool tolerant)
{
    struct route_match match;
    enum error error =
        request_read(&program->request, environment_own(), STDIN_FILENO);
    if (!find_route(program, &match))
        return false;
    if (match.route == NULL && program_is_preflight(program))
        return answer_preflight(program, match.allowed);
    if (match.route == NULL) {
        refuse_method(program, match.allowed);
        return false;
    }
    return check_query(program, error) && find_root(program) &&
           open_spool(program) && program_identify(program) &&
           load_config(program, tolerant);
}

void program_note_task(struct program *program, const char *id)
{
    snprintf(program->task, sizeof program->task, "%s", id);
}

/* A page must be able to read refusals as well, for which the configuration
 * was not needed so far. */
static void add_origin(struct program *program)
{
    if (environment_get(program->request.environment, "HTTP_ORIGIN") != NULL &&
        !program->config_loaded && program->root.length > 0)
        config_load(
            &program->config, program->root.data, &program->config_fault);
    program_add_origin(program);
}

/* These come after the answer, which must not wait for them. With the output
 * closed a server goes on to its next request; what is to live on has left for
 * a session of its own by then (background.c), and only a line of the log is
 * lost should the server end us now. */
static void follow_up(struct program *program, bool good)
{
    struct access access = {program->name, program->task, program->account.user,
        program->started, reply_length(&program->reply), program->reply.status};
    if (program->spool.directory < 0)
        return;
    if (good && program->config.background && !program->config_wrong)
        background_run(program);
    close(STDOUT_FILENO);
    if (!program->idle || program->config.log_empty_polls)
        access_note(&program->spool, &access);
    if (program->seen_until != 0)
        presence_note(&program->account, program->seen_until);
    spool_close(&program->spool);
}

int program_run(const char *name, program_answer *answer, bool tolerant)
{
    /* Static, and so zero without being written: an untouched page costs
     * nothing. */
    static struct program program;
    program.name = name;
    program.spool.directory = -1;
    program.account = (struct account){&program.spool, &program.config, 0};
    program.started = clock_now();
    prepare_process();
    reply_init(&program.reply);
    bool good = prepare_answer(&program, tolerant);
    if (good && program.request.method != METHOD_POST)
        alarm(PROGRAM_ALARM); /* with a body it starts once that is read */
    if (good)
        answer(&program);
    if (program.reply.status >= 500 && !program.unlogged &&
        program.spool.directory >= 0) {
        log_event(&program.spool, "refused", "%s: %s", name,
            buffer_text(&program.reply.body));
    }
    add_origin(&program);
    /* The body is read whole before a byte is written: some servers write it
     * to the end before they read, and would wait for ever. */
    request_drain(&program.request);
    /* Once Content-Length bytes have come some servers have no more use for the
     * program and end it; what follows the answer must get as far as its own
     * session (background.c). */
    signal(SIGTERM, SIG_IGN);
    reply_send(&program.reply, STDOUT_FILENO);
    follow_up(&program, good);
    reply_free(&program.reply);
    request_free(&program.request);
    buffer_free(&program.root);
    return 0;
}
