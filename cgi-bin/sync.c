/* SPDX-License-Identifier: MIT */
/* POST /api/sync/vinted: brings a seller's catalogue up to date, unless that
 * is under way already. */
#include "sync.h"
#include "draft.h"
#include "json_write.h"
#include "program.h"

struct wish {
    int64_t user;
    int priority;
};

static bool is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

static bool refuse(
    struct program *program, enum problem problem, const char *detail)
{
    problem_set(&program->reply, problem, "%s", detail);
    return false;
}

/* The user stands in the body, else where program_user looks for it. */
static bool read_user(
    struct program *program, struct json_value object, int64_t *user)
{
    struct json_value given = json_member(object, "user_id");
    if (!is_given(given)) {
        *user = program_user(program);
        return *user != 0;
    }
    if (json_integer(given, user) != ERROR_NONE || *user < 1) {
        return refuse(program, PROBLEM_INVALID_FIELD,
            "\"user_id\" must be a whole number from 1 to 2^63-1.");
    }
    return program_may_see(program, *user) ||
           refuse(program, PROBLEM_WRONG_USER,
               "\"user_id\" is not that of the token.");
}

static bool read_priority(
    struct program *program, struct json_value object, int *priority)
{
    struct json_value given = json_member(object, "priority");
    int64_t number;
    *priority = PRIORITY_DEFAULT;
    if (!is_given(given))
        return true;
    if (json_integer(given, &number) != ERROR_NONE || number < 0 ||
        number > PRIORITY_MAX) {
        return refuse(program, PROBLEM_INVALID_FIELD,
            "\"priority\" must be a whole number from 0 to 999.");
    }
    *priority = (int)number;
    return true;
}

static bool read_wish(struct program *program, struct wish *wish)
{
    struct buffer body = BUFFER_EMPTY;
    struct json_document document;
    if (!program_read_object(program, true, &body, &document))
        return false;
    struct json_value object = json_root(&document);
    bool good = read_user(program, object, &wish->user) &&
                read_priority(program, object, &wish->priority);
    json_free(&document);
    buffer_free(&body);
    return good;
}

static void write_sync(struct buffer *out, const struct sync *sync)
{
    buffer_append_byte(out, '{');
    json_member_text(out, "message",
        sync->started ? "Sync started" : "Sync already under way");
    json_member_text(out, "task_id", sync->task_id);
    if (sync->next_task_id[0] != '\0')
        json_member_text(out, "next_task_id", sync->next_task_id);
    buffer_append_text(out, "}\n");
}

static void answer(struct program *program)
{
    struct wish wish;
    struct sync sync;
    if (!read_wish(program, &wish))
        return;
    enum error error = sync_start(
        &program->spool, &program->config, wish.user, wish.priority, &sync);
    if (error == ERROR_NONE)
        write_sync(&program->reply.body, &sync);
    else
        problem_set_error(&program->reply, error, "Starting the sync");
}

int main(void)
{
    return program_run("sync", answer, false);
}
