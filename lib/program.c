/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "background.h"
#include "clock.h"
#include "json.h"
#include "limits.h"
#include "log.h"
#include "root.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors 0 to 2 are open before anything else is, so that no file of the
 * spool can land where an answer or a message is written. */
static void prepare_process(void)
{
    int descriptor;
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    do {
        descriptor = open("/dev/null", O_RDWR);
    } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
}

static void refuse_method(struct program *program, unsigned allowed)
{
    static const enum method all[] = {METHOD_GET, METHOD_POST, METHOD_DELETE};
    char text[32] = "";
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((allowed & (unsigned)all[i]) == 0)
            continue;
        if (text[0] != '\0')
            strcat(text, ", ");
        strcat(text, method_text(all[i]));
    }
    reply_header(&program->reply, "Allow", text);
    problem_set(&program->reply, PROBLEM_METHOD,
        "This path takes %s, not %.20s.", text,
        program->request.method_text);
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

static bool find_route(struct program *program)
{
    struct route_match match;
    const struct request *request = &program->request;
    if (request->path[0] == '\0' || strcmp(request->path, "/") == 0)
        match_default(program, &match);
    else
        route_find(&match, request->method, request->path);
    if (match.allowed == 0
        || (match.route != NULL
            && strcmp(match.route->program, program->name) != 0)) {
        problem_set(&program->reply, PROBLEM_UNKNOWN_ROUTE,
            "There is nothing at this path.");
        return false;
    }
    if (match.route == NULL) {
        refuse_method(program, match.allowed);
        return false;
    }
    program->route = match.route;
    memcpy(program->id, match.id, sizeof program->id);
    return true;
}

static bool read_request(struct program *program)
{
    enum error error = request_read(&program->request);
    if (!find_route(program))
        return false;
    if (error == ERROR_NONE)
        return true;
    problem_set(&program->reply, PROBLEM_BAD_REQUEST,
        "The query string is wrong: %s.",
        error == ERROR_CONFLICT          ? "a parameter stands twice"
            : error == ERROR_TOO_LARGE ? "it has more than 32 parameters"
                                       : "its encoding is broken");
    return false;
}

static bool find_root(struct program *program)
{
    enum error error = root_find(&program->root);
    if (error != ERROR_NONE) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The folder with etc/ and spool/ was not found: set "
            "STOFLOW_ROOT, or write its absolute path into stoflow.root "
            "beside the programs.");
    }
    return error == ERROR_NONE;
}

static void refuse_token(struct program *program, enum error error,
    const struct ini_fault *fault)
{
    struct reply *reply = &program->reply;
    if (error == ERROR_NOT_FOUND) {
        problem_set(reply, PROBLEM_TOKEN_INVALID,
            "The token is not known here, or was revoked.");
    } else if (error == ERROR_SYNTAX || error == ERROR_TYPE
        || error == ERROR_TOO_LARGE) {
        log_event(&program->spool, "token", "a token's file, line %d: %s",
            fault->line, fault->reason);
        problem_set(reply, PROBLEM_TOKEN_INVALID,
            "The file of this token in etc/tokens is wrong; "
            "spool/log/events.log says where.");
    } else {
        problem_set_error(reply, error, "Looking up the token");
    }
}

static bool read_token(struct program *program, struct buffer *token)
{
    enum error error = token_from_environment(token);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_NOT_FOUND && program->route->scopes == SCOPE_NONE)
        return true;
    if (error == ERROR_NOT_FOUND) {
        problem_set(&program->reply, PROBLEM_TOKEN_MISSING,
            "Send the header \"Authorization: Bearer TOKEN\". If you did, "
            "the web server strips it; the README says what helps.");
    } else if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the token");
    } else {
        problem_set(&program->reply, PROBLEM_TOKEN_INVALID,
            "The Authorization header is neither \"Bearer TOKEN\" nor "
            "\"Basic\" with the token as password.");
    }
    return false;
}

static bool check_caller(struct program *program)
{
    const struct caller *caller = &program->caller;
    unsigned scopes = program->route->scopes;
    if (caller->expires != 0 && clock_now() >= caller->expires) {
        problem_set(&program->reply, PROBLEM_TOKEN_EXPIRED,
            "The token has expired; make a new one with etc/new-token.");
        return false;
    }
    if (scopes != SCOPE_NONE && (scopes & (unsigned)caller->scope) == 0) {
        problem_set(&program->reply, PROBLEM_WRONG_SCOPE,
            "The scope of this token does not allow this route.");
        return false;
    }
    program->has_caller = true;
    return true;
}

static bool identify_caller(struct program *program)
{
    struct buffer token = BUFFER_EMPTY;
    struct ini_fault fault = {0, "it cannot be read"};
    bool good = read_token(program, &token);
    if (good && token.length > 0) {
        enum error error = token_look_up(
            program->root.data, &token, &program->caller, &fault);
        good = error == ERROR_NONE && check_caller(program);
        if (error != ERROR_NONE)
            refuse_token(program, error, &fault);
    }
    buffer_free(&token);
    return good;
}

static bool load_config(struct program *program, bool tolerant)
{
    enum error error = config_load(
        &program->config, program->root.data, &program->config_fault);
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
    }
    return error == ERROR_NONE;
}

static bool prepare_answer(struct program *program, bool tolerant)
{
    return read_request(program) && find_root(program) && open_spool(program)
        && identify_caller(program) && load_config(program, tolerant);
}

int program_run(const char *name, program_answer *answer, bool tolerant)
{
    struct program program;
    memset(&program, 0, sizeof program);
    program.name = name;
    program.spool.directory = -1;
    prepare_process();
    reply_init(&program.reply);
    bool good = prepare_answer(&program, tolerant);
    if (good && program.request.method == METHOD_GET)
        alarm(PROGRAM_ALARM); /* with a body it starts once that is read */
    if (good)
        answer(&program);
    /* The body is read whole before a byte is written: some servers write it
     * to the end before they read, and would wait for ever. */
    request_drain(&program.request);
    reply_send(&program.reply);
    if (good && program.config.background && !program.config_wrong)
        background_run(&program);
    if (program.spool.directory >= 0)
        spool_close(&program.spool);
    reply_free(&program.reply);
    request_free(&program.request);
    buffer_free(&program.root);
    return 0;
}

bool program_may_see(const struct program *program, int64_t user)
{
    return program->caller.user == 0 || program->caller.user == user;
}

int64_t program_user(struct program *program)
{
    int64_t user = program->caller.user;
    const char *text = query_get(&program->request.query, "user_id");
    if (text != NULL && user_parse(text, &user) != ERROR_NONE) {
        problem_set(&program->reply, PROBLEM_INVALID_FIELD,
            "\"user_id\" must be a whole number from 1 to 2^63-1.");
        return 0;
    }
    if (user == 0) {
        problem_set(&program->reply, PROBLEM_INVALID_FIELD,
            "\"user_id\" is missing, and the token is good for all users.");
        return 0;
    }
    if (!program_may_see(program, user)) {
        problem_set(&program->reply, PROBLEM_WRONG_USER,
            "\"user_id\" is not that of the token.");
        return 0;
    }
    return user;
}

static void refuse_body(struct program *program, enum error error)
{
    struct reply *reply = &program->reply;
    switch (error) {
    case ERROR_NOT_FOUND:
        problem_set(reply, PROBLEM_LENGTH_REQUIRED,
            "Send the body with a Content-Length; a chunked one cannot be "
            "read behind CGI.");
        break;
    case ERROR_SYNTAX:
        problem_set(reply, PROBLEM_BAD_LENGTH,
            "Content-Length is not a whole number.");
        break;
    case ERROR_TOO_LARGE:
        problem_set(reply, PROBLEM_TOO_LARGE,
            "The body has %" PRId64 " bytes; max_body allows %zu.",
            program->request.length, program->config.max_body);
        break;
    case ERROR_INCOMPLETE:
        problem_set(reply, PROBLEM_TRUNCATED_BODY,
            "The body ended after %" PRId64 " of %" PRId64
            " bytes; nothing was changed.",
            program->request.length_read, program->request.length);
        break;
    default:
        problem_set_error(reply, error, "Reading the body");
        break;
    }
}

static bool parse_object(struct program *program, bool empty_is_object,
    const struct buffer *body, struct json_document *document)
{
    struct json_fault fault;
    bool stands_for_object = empty_is_object && body->length == 0;
    const char *text = stands_for_object ? "{}" : buffer_text(body);
    enum error error = json_parse(
        document, text, stands_for_object ? 2 : body->length, &fault);
    if (error == ERROR_SYNTAX) {
        problem_set(&program->reply, PROBLEM_MALFORMED_JSON,
            "The body is not JSON: %s at byte %zu.", fault.reason,
            fault.offset);
    } else if (error == ERROR_TOO_LARGE) {
        problem_set(&program->reply, PROBLEM_MALFORMED_JSON,
            "The body is beyond what is read here: %s at byte %zu.",
            fault.reason, fault.offset);
    } else if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Reading the body");
    } else if (!json_is(json_root(document), JSON_OBJECT)) {
        json_free(document);
        problem_set(&program->reply, PROBLEM_INVALID_FIELD,
            "The body must be a JSON object.");
        return false;
    }
    return error == ERROR_NONE;
}

bool program_read_object(struct program *program, bool empty_is_object,
    struct buffer *body, struct json_document *document)
{
    enum error error = request_read_body(
        &program->request, program->config.max_body, body);
    /* From here on the program works alone, and not for long: past this it
     * must not come upon files the sweeper takes for debris. */
    alarm(PROGRAM_ALARM);
    if (error != ERROR_NONE)
        refuse_body(program, error);
    else if (parse_object(program, empty_is_object, body, document))
        return true;
    buffer_free(body);
    return false;
}
