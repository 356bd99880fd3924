/* SPDX-License-Identifier: MIT */
#include "follow.h"

#include "enqueue.h"
#include "find.h"
#include "json_write.h"
#include "seller.h"

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

/* per_page 0: as many as the plugin asks for by itself. */
static enum error queue_list(const struct account *account,
    const struct draft *draft, uint64_t number, int per_page,
    struct task_name *name, struct task_place *standing)
{
    char page[32] = "";
    char text[80];
    struct json_document params;
    struct json_fault fault;
    struct draft list = *draft;
    if (per_page != 0)
        snprintf(page, sizeof page, ",\"per_page\":%d", per_page);
    int length = snprintf(
        text, sizeof text, "{\"user_id\":%" PRIu64 "%s}", number, page);
    enum error error = json_parse(&params, text, (size_t)length, &fault);
    if (error != ERROR_NONE)
        return error;
    list.params = json_root(&params);
    memcpy(list.action, list_action, sizeof list_action);
    error = enqueue_task(account, &list, name, standing);
    json_free(&params);
    return error;
}

enum error follow_list(const struct account *account, const struct draft *draft,
    uint64_t number, struct task_name *name)
{
    struct task_place standing;
    enum error error = queue_list(account, draft, number, 0, name, &standing);
    if (error != ERROR_EXISTS)
        return error;
    error = enqueue_make_safe(account, draft->id, &standing);
    return error == ERROR_NONE ? ERROR_EXISTS : error;
}

enum error follow_ask(const struct account *account, struct draft *draft,
    const char *list_id, struct task_name *name, struct task_place *standing)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document then;
    struct json_fault fault;
    static const char action[] = "get_user_data";
    memcpy(draft->action, action, sizeof action);
    follow_write(&text, list_id, draft->priority);
    enum error error = text.failed
                           ? ERROR_MEMORY
                           : json_parse(&then, text.data, text.length, &fault);
    if (error == ERROR_NONE) {
        draft->then = json_root(&then);
        error = enqueue_task(account, draft, name, standing);
        json_free(&then);
    }
    buffer_free(&text);
    return error;
}

enum error follow_wardrobe(const struct account *account, struct draft *draft,
    int per_page, struct task_place *standing)
{
    char list_id[ID_LENGTH_MAX + 1];
    struct task_name name;
    uint64_t number;
    enum error error = seller_look_up(account, &number);
    if (error != ERROR_NONE)
        return error;
    if (number != 0)
        return queue_list(account, draft, number, per_page, &name, standing);
    snprintf(list_id, sizeof list_id, "%.*s-list",
        ID_LENGTH_MAX - (int)sizeof "-list", draft->id);
    return follow_ask(account, draft, list_id, &name, standing);
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
