/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "clock.h"
#include "environment.h"
#include "log.h"
#include "presence.h"
#include "root.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void refuse_method(struct program *program, unsigned allowed)
{
    struct buffer text = BUFFER_EMPTY;
    method_list(&text, allowed);
    reply_header(&program->reply, "Allow", buffer_text(&text));
    problem_set(&program->reply, PROBLEM_METHOD,
        "This path takes %s, not %.20s.", buffer_text(&text),
        program->request.method_text);
    program->reply.headers.failed =
        program->reply.headers.failed || text.failed;
    buffer_free(&text);
}

/* A program called by its bare name answers the main route of its page. */
static void match_default(
    const char *name, enum method method, struct route_match *match)
{
    static const enum method all[] = {METHOD_GET, METHOD_POST, METHOD_DELETE};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (route_default(name, all[i]) != NULL)
            match->allowed |= (unsigned)all[i];
    }
    match->route = route_default(name, method);
}

static const struct page *find_page(
    const struct page *const *pages, const char *name)
{
    while (*pages != NULL && strcmp((*pages)->name, name) != 0)
        pages++;
    return *pages;
}

/* The name is the program's own; one that holds several pages, as a FastCGI
 * responder does for all names, goes by what the server calls it. */
static void match_name(const struct request *request,
    const struct page *const *pages, struct route_match *match)
{
    const char *script = environment_text(request->environment, "SCRIPT_NAME");
    const char *slash = strrchr(script, '/');
    const struct page *page = pages[0];
    if (pages[1] != NULL)
        page = slash == NULL ? NULL : find_page(pages, slash + 1);
    if (page != NULL)
        match_default(page->name, request->method, match);
}

static void match_route(const struct request *request,
    const struct page *const *pages, struct route_match *match)
{
    memset(match, 0, sizeof *match);
    if (request->path[0] != '\0' && strcmp(request->path, "/") != 0)
        route_find(match, request->method, request->path);
    else
        match_name(request, pages, match);
}

static bool find_route(struct program *program, const struct page *const *pages,
    struct route_match *match)
{
    match_route(&program->request, pages, match);
    if (match->route != NULL)
        program->page = find_page(pages, match->route->program);
    if (match->allowed == 0 ||
        (match->route != NULL && program->page == NULL)) {
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
    if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the query string");
        return false;
    }
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
    enum error error = root_find(program->gateway->environment, &program->root);
    if (error_is_temporary(error) || error_is_limit(error)) {
        problem_set_error(&program->reply, error, "Finding the root");
    } else if (error != ERROR_NONE) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The folder with etc/ and spool/ was not found: set "
            "STOFLOW_ROOT, or write its absolute path into stoflow.root "
            "beside the programs.");
    }
    return error == ERROR_NONE;
}

/* What a disk or memory did, or a limit of the host, is no fault of the file,
 * and whoever is to wait for it must not be told to mend that. Its mode is.
 * True after having set the problem. */
static bool refuse_unread(struct program *program, enum error error)
{
    if (error == ERROR_DENIED ||
        (!error_is_temporary(error) && !error_is_limit(error)))
        return false;
    problem_set_error(&program->reply, error, "Reading etc/stoflow.ini");
    return true;
}

static void refuse_config(struct program *program, enum error error)
{
    if (refuse_unread(program, error))
        return;
    problem_set(&program->reply, PROBLEM_CONFIGURATION,
        "etc/stoflow.ini%s: %s.", ini_fault_place(&program->config_fault).text,
        program->config_fault.reason);
}

static bool load_config(struct program *program)
{
    enum error error = config_load(
        &program->config, program->root.data, &program->config_fault);
    program->config_loaded = true;
    program->config_wrong = error != ERROR_NONE;
    if (!program->config_wrong)
        return true;
    log_event(&program->spool, "config", "etc/stoflow.ini%s: %s",
        ini_fault_place(&program->config_fault).text,
        program->config_fault.reason);
    if (!program->page->tolerant)
        refuse_config(program, error);
    return program->page->tolerant;
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
    }
    return error == ERROR_NONE;
}

/* --- Pages of other origins --------------------------------------------------
 * Requests that such a page makes (CORS, as the WHATWG Fetch standard has it).
 * Only those in `origins` of stoflow.ini are told that they may read the
 * answer; a token is asked for all the same. */

static const char *origin(const struct program *program)
{
    return environment_text(program->gateway->environment, "HTTP_ORIGIN");
}

/* Whether the request asks, before another one, if that would be allowed. */
static bool is_preflight(const struct program *program)
{
    return strcmp(program->request.method_text, "OPTIONS") == 0 &&
           origin(program)[0] != '\0' &&
           environment_get(program->gateway->environment,
               "HTTP_ACCESS_CONTROL_REQUEST_METHOD") != NULL;
}

/* Answers it, for a path that takes the methods `allowed`. */
static void allow_methods(struct program *program, unsigned allowed)
{
    struct reply *reply = &program->reply;
    struct buffer methods = BUFFER_EMPTY;
    if (!config_allows_origin(&program->config, origin(program))) {
        problem_set(reply, PROBLEM_ORIGIN,
            "The origin of this page is not in `origins` of "
            "etc/stoflow.ini.");
        return;
    }
    method_list(&methods, allowed);
    reply->status = 204;
    reply_header(reply, "Access-Control-Allow-Methods", buffer_text(&methods));
    reply_header(reply, "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key, X-StoFlow-Token");
    reply_header(reply, "Access-Control-Max-Age", "86400");
    reply->headers.failed = reply->headers.failed || methods.failed;
    buffer_free(&methods);
}

/* The configuration is needed for no more than the origins, so a wrong one is
 * no reason to refuse: without it there are none. */
static bool answer_preflight(struct program *program, unsigned allowed)
{
    if (!find_root(program))
        return false;
    enum error error = config_load(
        &program->config, program->root.data, &program->config_fault);
    program->config_loaded = true;
    if (!refuse_unread(program, error))
        allow_methods(program, allowed);
    return false;
}

/* The headers that depend on who asks. Caches are told so, too, even where the
 * request names no origin: the next one may. */
static void add_origin_headers(struct program *program)
{
    const struct config *config = &program->config;
    const char *from = origin(program);
    struct reply *reply = &program->reply;
    if (config->origins[0] == '\0')
        return;
    if (strcmp(config->origins, "*") != 0)
        reply_header(reply, "Vary", "Origin");
    if (from[0] == '\0' || !config_allows_origin(config, from))
        return;
    /* What is listed stands in stoflow.ini, so `from` holds no newline. */
    reply_header(reply, "Access-Control-Allow-Origin",
        strcmp(config->origins, "*") == 0 ? "*" : from);
    reply_header(
        reply, "Access-Control-Expose-Headers", "Retry-After, X-Next-Cursor");
}

/* A page must be able to read refusals as well, for which the configuration
 * was not needed so far. */
static void add_origin(struct program *program)
{
    if (environment_get(program->gateway->environment, "HTTP_ORIGIN") != NULL &&
        !program->config_loaded && program->root.length > 0)
        config_load(
            &program->config, program->root.data, &program->config_fault);
    add_origin_headers(program);
}

/* --- From the request to the answer --------------------------------------- */

/* Whether the page is to answer; else the reply is made. */
static bool prepare_answer(
    struct program *program, const struct page *const *pages)
{
    struct route_match match;
    const struct gateway *gateway = program->gateway;
    enum error error =
        request_read(&program->request, gateway->environment, gateway->input);
    if (!find_route(program, pages, &match))
        return false;
    if (match.route == NULL && is_preflight(program))
        return answer_preflight(program, match.allowed);
    if (match.route == NULL) {
        refuse_method(program, match.allowed);
        return false;
    }
    return check_query(program, error) && find_root(program) &&
           open_spool(program) && program_identify(program) &&
           load_config(program);
}

/* " user 42, task t", as far as that is known. */
static void write_subject(struct buffer *out, const struct program *program)
{
    if (program->account.user != 0)
        buffer_append_format(out, " user %" PRId64, program->account.user);
    if (program->task[0] != '\0')
        buffer_append_format(out, "%s task %s",
            program->account.user != 0 ? "," : "", program->task);
}

static void log_refusal(const struct program *program)
{
    bool ours = program->reply.status >= 500 && !program->unlogged;
    if ((ours || program->limited) && program->spool.directory >= 0) {
        struct buffer who = BUFFER_EMPTY;
        const char *body = buffer_text(&program->reply.body);
        write_subject(&who, program);
        log_event(&program->spool, "refused", "%s%s: %.*s", program->page->name,
            buffer_text(&who), (int)strcspn(body, "\n"), body);
        buffer_free(&who);
    }
}

/* An answer that found no memory is not told by halves. */
static void tell_lack(struct program *program)
{
    struct reply *reply = &program->reply;
    if (!reply->body.failed && !reply->headers.failed)
        return;
    buffer_clear(&reply->headers);
    problem_set_error(reply, ERROR_MEMORY, "Composing the answer");
}

void program_answer(struct program *program, const struct page *const *pages,
    const struct gateway *gateway)
{
    program->gateway = gateway;
    program->spool.directory = -1;
    program->account = (struct account){&program->spool, &program->config, 0};
    program->started = clock_now();
    reply_init(&program->reply);
    program->answered = prepare_answer(program, pages);
    if (program->answered && program->request.method != METHOD_POST)
        gateway->begin(); /* with a body, once that is read */
    if (program->answered)
        program->page->answer(program);
    if (program->left)
        return;
    tell_lack(program);
    log_refusal(program);
    add_origin(program);
    /* Whole before a byte is written: some servers write it to the end before
     * they read, and would wait for ever. */
    request_drain(&program->request);
}

/* A line of spool/log/access.log:
 *
 *   TIME PROGRAM USER TASK STATUS MS BYTES
 *
 * TIME being when the request came, MS how long its answer took and BYTES what
 * that held without headers; '-' stands for what is not known. No token,
 * header, parameter or name of a person ever gets there. */
static void log_access(const struct program *program)
{
    char line[200];
    char started[CLOCK_ISO_LENGTH + 1];
    char user[24] = "-";
    int64_t taken = (clock_now() - program->started) / 1000;
    clock_format_iso(started, program->started);
    if (program->account.user != 0)
        snprintf(user, sizeof user, "%" PRId64, program->account.user);
    snprintf(line, sizeof line, "%s %s %s %s %d %" PRId64 " %" PRId64, started,
        program->page->name, user,
        program->task[0] == '\0' ? "-" : program->task, program->reply.status,
        taken < 0 ? 0 : taken, reply_length(&program->reply));
    log_line(&program->spool, "access.log", line);
}

void program_note(const struct program *program)
{
    if (program->spool.directory < 0)
        return;
    if (!program->idle || program->config.log_empty_polls)
        log_access(program);
    if (program->seen_until != 0)
        presence_note(&program->account, program->seen_until);
}

void program_free(struct program *program)
{
    reply_free(&program->reply);
    request_free(&program->request);
    buffer_free(&program->root);
    if (program->spool.directory >= 0)
        spool_close(&program->spool);
}

enum hold program_hold(struct program *program)
{
    const struct gateway *gateway = program->gateway;
    enum hold hold =
        gateway->hold == NULL ? HOLD_HERE : gateway->hold(gateway->context);
    program->left = hold == HOLD_ELSEWHERE;
    return hold;
}

void program_note_task(struct program *program, const char *id)
{
    snprintf(program->task, sizeof program->task, "%s", id);
}
