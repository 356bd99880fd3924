/* SPDX-License-Identifier: MIT */
/* POST /api/plugin/execute: has the plugin do something at once, and answers
 * what it answered. The commands and answers are the bridge's. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "draft.h"
#include "error.h"
#include "execute.h"
#include "execute_answer.h"
#include "file.h"
#include "file_fault.h"
#include "find.h"
#include "http_request.h"
#include "json.h"
#include "json_write.h"
#include "number.h"
#include "pause.h"
#include "presence.h"
#include "problem.h"
#include "query.h"
#include "record.h"
#include "reply.h"
#include "safety.h"

#include <stdint.h>
#include <string.h>

enum {
    WAIT_ONE =
        30, /* seconds, by default: as long as the guide's client waits */
    WAIT_LIST = 60,
    WAIT_MAX = 120,

    /* Seconds that the plugin may need besides what its request may take. */
    WAIT_BESIDES = 5
};

_Static_assert(WAIT_MAX * 2 <= PROGRAM_ALARM,
    "who waits must have time left to withdraw the task");

struct command {
    const char *name;
    const char *action; /* of the task; NULL: there is none */
    const char *member; /* what the body must hold, and the params will */
    int wait;
    bool (*check)(
        struct json_value value, const char *name, struct json_misfit *misfit);
    execute_answer *answer;
};

static const struct command commands[] = {
    {"PING", NULL, NULL, 0, NULL, NULL},
    {"GET_USER_DATA", "get_user_data", NULL, WAIT_ONE, NULL,
        execute_answer_user},
    {"EXECUTE_HTTP_REQUEST", "execute_http_request", "request", WAIT_ONE,
        http_request_check, execute_answer_one},
    {"EXECUTE_BATCH_REQUESTS", "execute_batch_requests", "requests", WAIT_LIST,
        http_requests_check, execute_answer_list},
    {"EXECUTE_SEQUENTIAL_REQUESTS", "execute_sequential_requests", "requests",
        WAIT_LIST, http_requests_check, execute_answer_list},
};

static const struct command *read_command(
    struct program *program, struct json_value body)
{
    struct json_value action = json_member(body, "action");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (json_string_equals(action, commands[i].name))
            return &commands[i];
    }
    problem_refuse(&program->reply, "action",
        json_is_given(action)
            ? "must be PING, GET_USER_DATA, EXECUTE_HTTP_REQUEST, "
              "EXECUTE_BATCH_REQUESTS or EXECUTE_SEQUENTIAL_REQUESTS"
            : "is missing");
    return NULL;
}

static bool check_command(struct program *program,
    const struct command *command, struct json_value body)
{
    struct json_misfit misfit;
    if (command->member == NULL)
        return true;
    struct json_value value = json_member(body, command->member);
    if (!json_is_given(value))
        return problem_refuse(&program->reply, command->member, "is missing");
    return command->check(value, command->member, &misfit) ||
           problem_refuse(&program->reply, misfit.member, misfit.reason);
}

/* A request that may itself take longer is waited for longer. */
static int64_t default_wait(
    const struct command *command, struct json_value body)
{
    int64_t own = http_request_timeout(json_member(body, "request"));
    own = (own / 1000) + (own % 1000 > 0) + WAIT_BESIDES;
    return own > command->wait ? own : command->wait;
}

/* "timeout" in the body or in the query. */
static bool read_wait(struct program *program, const struct command *command,
    struct json_value body, int64_t *wait)
{
    static const char member[] = "timeout";
    static const char reason[] = "must be a whole number of seconds, 0 or more";
    const char *text = query_get(&program->request.query, member);
    *wait = default_wait(command, body);
    if (text != NULL &&
        (number_parse(text, strlen(text), wait) != ERROR_NONE || *wait < 0))
        return problem_refuse(&program->reply, member, reason);
    if (!body_check_query(program, body, member) ||
        !body_read_count(program, body, member, reason, wait))
        return false;
    if (*wait > WAIT_MAX)
        *wait = WAIT_MAX;
    return true;
}

/* Nobody has polled, or not for long. */
static bool check_presence(struct program *program)
{
    struct presence presence = {false, 0, 0};
    enum error error = presence_read(&program->account, &presence);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND) {
        file_fault_set_folder(program, error, "Looking for the plugin");
        return false;
    }
    if (presence.connected)
        return true;
    program->unlogged = true;
    problem_set(
        &program->reply, PROBLEM_PLUGIN_MISSING, "Plugin non connect\xc3\xa9");
    return false;
}

static bool check_pause(struct program *program)
{
    struct pause pause;
    enum error error = pause_read(&program->account, &pause);
    if (error == ERROR_NOT_FOUND)
        return true;
    if (error == ERROR_NONE)
        problem_set(&program->reply, PROBLEM_UNAVAILABLE,
            "The queue of this user is paused: %s.", pause.reason);
    else
        file_fault_set_folder(program, error, "Looking for a pause");
    return false;
}

/* Says at once what waiting would only tell later. */
static bool check_plugin(struct program *program, const struct command *command)
{
    return check_presence(program) &&
           (command->action == NULL || check_pause(program));
}

/* The task's params: what the body holds under the command's member, alone. */
static enum error write_params(const struct command *command,
    struct json_value body, struct buffer *text, struct json_document *document)
{
    struct json_fault fault;
    size_t length;
    const char *raw;
    buffer_append_byte(text, '{');
    if (command->member != NULL) {
        raw = json_raw(json_member(body, command->member), &length);
        json_member_raw(text, command->member, raw, length);
    }
    buffer_append_byte(text, '}');
    return text->failed
               ? ERROR_MEMORY
               : json_parse_own(document, text->data, text->length, &fault);
}

static void answer_record(struct program *program,
    const struct command *command, const struct task_place *place)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error =
        record_open(&program->spool, place->path, &text, &document);
    if (error != ERROR_NONE) {
        file_fault_set(program, error, place->path, "Reading the result");
        return;
    }
    program->unlogged = true;
    command->answer(&program->reply, json_root(&document));
    json_free(&document);
    buffer_free(&text);
}

static void answer_time_out(
    struct program *program, const struct execution *execution)
{
    program->unlogged = true;
    problem_set(&program->reply, PROBLEM_PLUGIN_TIMEOUT,
        "The plugin has not answered within %d seconds; %s.",
        (int)execution->wait,
        execution->withdrawn ? "the task was withdrawn"
                             : "the task could not be withdrawn, but expires");
}

/* Before anything is queued or locked: a process that only waits must not keep
 * others from being answered. False where another one goes on, or none can. */
static bool settle_down(struct program *program)
{
    enum hold hold = program_hold(program);
    if (hold == HOLD_NOWHERE)
        problem_set(&program->reply, PROBLEM_UNAVAILABLE,
            "The host gives no process that could wait for the plugin.");
    return hold == HOLD_HERE;
}

static void run(struct program *program, const struct command *command,
    struct execution *execution)
{
    struct task_place place;
    if (!settle_down(program))
        return;
    enum error error = execute_task(execution, &place);
    program_note_task(program, execution->id);
    if (error == ERROR_NONE)
        answer_record(program, command, &place);
    else if (error == ERROR_INCOMPLETE)
        answer_time_out(program, execution);
    else if (error == ERROR_BUSY)
        problem_set(&program->reply, PROBLEM_UNAVAILABLE,
            "As many as max_waiters allows are waiting for the plugin.");
    else
        file_fault_set_folder(program, error, "Queueing the task");
}

static void execute(struct program *program, const struct command *command,
    struct json_value body)
{
    struct execution execution = {
        .account = &program->account, .root = program->root.data};
    struct buffer text = BUFFER_EMPTY;
    struct json_document params;
    struct draft *draft = &execution.draft;
    if (!read_wait(program, command, body, &execution.wait) ||
        !check_plugin(program, command))
        return;
    if (command->action == NULL) {
        buffer_append_text(&program->reply.body, "{\"pong\":true}\n");
        return;
    }
    draft_init(draft);
    memcpy(draft->action, command->action, strlen(command->action) + 1);
    enum error error = write_params(command, body, &text, &params);
    if (error != ERROR_NONE) {
        body_set_error(program, error, "Queueing the task");
    } else {
        draft->params = json_root(&params);
        run(program, command, &execution);
        json_free(&params);
    }
    buffer_free(&text);
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    if (!body_read_object(program, false, &text, &document))
        return;
    struct json_value body = json_root(&document);
    const struct command *command = read_command(program, body);
    int64_t user = command == NULL ? 0 : program_body_user(program, body);
    if (user != 0 && check_command(program, command, body))
        execute(program, command, body);
    json_free(&document);
    buffer_free(&text);
}

const struct page page_execute = {"execute", answer, false};
