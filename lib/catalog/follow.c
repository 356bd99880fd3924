/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include "enqueue.h"
#include "find.h"
#include "json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char list_action[] = "get_all_products";

void follow_write(struct buffer *out, const char *id, int priority)
{
    buffer_append_byte(out, '{');
    json_member_text(out, "action", list_action);
    json_member_text(out, "task_id", id);
    json_member_integer(out, "priority", priority);
    buffer_append_byte(out, '}');
}

enum error follow_read(struct json_value then, struct draft *next)
{
    struct draft_fault fault;
    draft_init(next);
    enum error error = draft_read(next, then, &fault);
    if (error == ERROR_MEMORY)
        return error;
    /* A file that somebody wrote by hand may name anything. */
    bool is_ours = error == ERROR_NONE && next->id[0] != '\0' &&
                   strcmp(next->action, list_action) == 0;
    return is_ours ? ERROR_NONE : ERROR_SYNTAX;
}

enum error follow_list(const struct account *account, const struct draft *draft,
    uint64_t number, struct task_name *name)
{
    char text[48];
    struct json_document params;
    struct json_fault fault;
    struct task_place standing;
    struct draft list = *draft;
    int length =
        snprintf(text, sizeof text, "{\"user_id\":%" PRIu64 "}", number);
    enum error error = json_parse(&params, text, (size_t)length, &fault);
    if (error != ERROR_NONE)
        return error;
    list.params = json_root(&params);
    memcpy(list.action, list_action, sizeof list_action);
    error = enqueue_task(account, &list, name, &standing);
    json_free(&params);
    return error;
}

enum error follow_queue(
    const struct account *account, struct json_value then, uint64_t number)
{
    struct draft next;
    struct task_name name;
    enum error error = follow_read(then, &next);
    if (error != ERROR_NONE)
        return error;
    error = follow_list(account, &next, number, &name);
    return error == ERROR_EXISTS ? ERROR_NONE : error;
}
