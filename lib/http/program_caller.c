/* SPDX-License-Identifier: MIT */
#include "program.h"

#include "body.h"
#include "buffer.h"
#include "clock.h"
#include "digest.h"
#include "error.h"
#include "file_fault.h"
#include "find.h"
#include "ini_file.h"
#include "json.h"
#include "log.h"
#include "path.h"
#include "problem.h"
#include "query.h"
#include "reply.h"
#include "route.h"
#include "token.h"

#include <stddef.h>
#include <stdint.h>

/* It bears the token's digest as its name, which gives nothing away. */
static void log_token_file(const struct program *program,
    const struct buffer *token, const struct ini_fault *fault)
{
    char digest[DIGEST_LENGTH + 1];
    digest_sha256(digest, buffer_text(token), token->length);
    log_event(&program->spool, "token", "etc/tokens/%s.ini%s: %s", digest,
        ini_fault_place(fault).text, fault->reason);
}

static void refuse_token(struct program *program, enum error error,
    const struct buffer *token, const struct ini_fault *fault)
{
    struct reply *reply = &program->reply;
    if (error == ERROR_NOT_FOUND) {
        problem_set(reply, PROBLEM_TOKEN_INVALID,
            "The token is not known here, or was revoked.");
    } else if (error == ERROR_SYNTAX || error == ERROR_TYPE ||
               error == ERROR_TOO_LARGE) {
        log_token_file(program, token, fault);
        problem_set(reply, PROBLEM_TOKEN_INVALID,
            "The file of this token in etc/tokens is wrong; "
            "spool/log/events.log says where.");
    } else {
        problem_set_error(reply, error, "Looking up the token");
    }
}

static void refuse_missing(struct program *program)
{
    problem_set(&program->reply, PROBLEM_TOKEN_MISSING,
        "Send the header \"Authorization: Bearer TOKEN\". If you did, the web "
        "server keeps it from programs: send \"X-StoFlow-Token: TOKEN\" as "
        "well. Under Apache this line in a .htaccess beside the programs mends "
        "it, too: %s",
        token_header_line);
}

static bool read_token(struct program *program, struct buffer *token)
{
    /* What calls the sweeper can often send nothing else. Anywhere else a
     * password that a browser sends by itself would open a door. */
    bool basic_allowed = (program->route->scopes & SCOPE_CRON) != 0;
    enum error error = token_from_environment(
        program->gateway->environment, basic_allowed, token);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_NOT_FOUND && program->route->scopes == SCOPE_NONE)
        return true;
    if (error == ERROR_NOT_FOUND) {
        refuse_missing(program);
    } else if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the token");
    } else {
        problem_set(&program->reply, PROBLEM_TOKEN_INVALID,
            "The Authorization header is not \"Bearer TOKEN\". (\"Basic\" "
            "with the token as password is for the sweeper alone.) Where the "
            "header is needed for something else, send the token as "
            "\"X-StoFlow-Token\".");
    }
    return false;
}

static void refuse_scope(struct program *program)
{
    problem_set(&program->reply, PROBLEM_WRONG_SCOPE,
        "The scope of this token does not allow this route.");
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
        refuse_scope(program);
        return false;
    }
    program->has_caller = true;
    program->account.user = caller->user;
    return true;
}

bool program_identify(struct program *program)
{
    struct buffer token = BUFFER_EMPTY;
    struct ini_fault fault = {0, "it cannot be read"};
    bool good = read_token(program, &token);
    if (good && token.length > 0) {
        enum error error =
            token_look_up(program->root.data, &token, &program->caller, &fault);
        good = error == ERROR_NONE && check_caller(program);
        if (error != ERROR_NONE)
            refuse_token(program, error, &token, &fault);
    }
    buffer_free(&token);
    return good;
}

bool program_require(struct program *program, enum scope scope)
{
    if (!program->has_caller)
        refuse_missing(program);
    else if (program->caller.scope != scope)
        refuse_scope(program);
    return program->has_caller && program->caller.scope == scope;
}

bool program_may_see(const struct program *program, int64_t user)
{
    return program->caller.user == 0 || program->caller.user == user;
}

static int64_t refuse_number(struct program *program)
{
    problem_refuse(
        &program->reply, "user_id", "must be a whole number from 1 to 2^63-1");
    return 0;
}

/* Makes the request one about this user, if the token is good for that. */
static int64_t take_user(struct program *program, int64_t user)
{
    if (!program_may_see(program, user)) {
        problem_set(&program->reply, PROBLEM_WRONG_USER,
            "\"user_id\" is not that of the token.");
        return 0;
    }
    program->account.user = user;
    return user;
}

int64_t program_user(struct program *program)
{
    int64_t user = program->caller.user;
    const char *text = query_get(&program->request.query, "user_id");
    if (text != NULL && user_parse(text, &user) != ERROR_NONE)
        return refuse_number(program);
    if (user == 0) {
        problem_refuse(&program->reply, "user_id",
            "is missing, and the token is good for all users");
        return 0;
    }
    return take_user(program, user);
}

/* Whose folder it was that could not be looked through, is known here alone:
 * the request has named nobody. */
static void refuse_owner(struct program *program, enum error error)
{
    file_fault_set_folder(program, error, "Finding the task");
    program->account.user = 0;
}

int64_t program_owner(struct program *program)
{
    int64_t user = program->caller.user;
    if (user != 0 || query_get(&program->request.query, "user_id") != NULL)
        return program_user(program);
    enum error error = find_owner(&program->account, program->id);
    if (error == ERROR_NOT_FOUND)
        program_unknown_task(program);
    else if (error == ERROR_CONFLICT)
        problem_set(&program->reply, PROBLEM_AMBIGUOUS_TASK,
            "Several users have a task %s; say which with user_id=.",
            program->id);
    else if (error != ERROR_NONE)
        refuse_owner(program, error);
    if (error != ERROR_NONE)
        return 0;
    return program->account.user;
}

void program_unknown_task(struct program *program)
{
    problem_set(&program->reply, PROBLEM_UNKNOWN_TASK, "Task not found");
}

int64_t program_body_user(struct program *program, struct json_value body)
{
    struct json_value value = json_member(body, "user_id");
    int64_t user;
    if (!json_is_given(value))
        return program_user(program);
    if (!body_check_query(program, body, "user_id"))
        return 0;
    if (json_integer(value, &user) != ERROR_NONE || user < 1)
        return refuse_number(program);
    return take_user(program, user);
}
