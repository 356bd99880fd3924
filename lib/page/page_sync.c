/* SPDX-License-Identifier: MIT */
/* POST /api/sync/vinted: brings a seller's catalogue up to date, unless that
 * is under way already. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "error.h"
#include "file_fault.h"
#include "json.h"
#include "json_write.h"
#include "name.h"
#include "problem.h"
#include "share_allow.h"
#include "sync.h"

#include <stdint.h>

struct wish {
    int64_t user;
    int priority;
};

static bool read_priority(
    struct program *program, struct json_value object, int *priority)
{
    struct json_value given = json_member(object, "priority");
    int64_t number;
    *priority = PRIORITY_DEFAULT;
    if (!json_is_given(given))
        return true;
    if (json_integer(given, &number) != ERROR_NONE || number < 0 ||
        number > PRIORITY_MAX)
        return problem_refuse(&program->reply, "priority",
            "must be a whole number from 0 to 999");
    *priority = (int)number;
    return true;
}

static bool read_wish(struct program *program, struct wish *wish)
{
    struct buffer body = BUFFER_EMPTY;
    struct json_document document;
    if (!body_read_object(program, true, &body, &document))
        return false;
    struct json_value object = json_root(&document);
    wish->user = program_body_user(program, object);
    bool good =
        wish->user != 0 && read_priority(program, object, &wish->priority);
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
    if (!read_wish(program, &wish) || !share_allow(program))
        return;
    enum error error = sync_start(&program->account, wish.priority, &sync);
    if (error != ERROR_NONE) {
        file_fault_set_folder(program, error, "Starting the sync");
        return;
    }
    program_note_task(program, sync.task_id);
    write_sync(&program->reply.body, &sync);
}

const struct page page_sync = {"sync", answer, false};
