/* SPDX-License-Identifier: MIT */
#include "item_members.h"

#include "buffer.h"
#include "json.h"
#include "json_write.h"

#include <stdlib.h>
#include <string.h>

/* One for each enum item_member, sorted. */
static const char *const names[ITEM_MEMBERS] = {
    "brand",
    "brand_dto",
    "brand_id",
    "brand_title",
    "currency",
    "description",
    "favourite_count",
    "is_closed",
    "is_draft",
    "is_hidden",
    "is_reserved",
    "item_closing_action",
    "message_count",
    "photo",
    "photos",
    "price",
    "size",
    "size_title",
    "status",
    "status_title",
    "title",
    "url",
    "view_count",
};

static int compare_names(const void *name, const void *entry)
{
    return strcmp(name, *(const char *const *)entry);
}

struct item item_read_members(struct json_value object)
{
    struct item item;
    struct buffer name = BUFFER_EMPTY;
    for (int i = 0; i < ITEM_MEMBERS; i++)
        item.members[i] = (struct json_value){NULL, -1};
    if (!json_is(object, JSON_OBJECT))
        return item;
    struct json_value member = json_first(object);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        buffer_clear(&name);
        json_append_key(&name, member);
        const char *const *found = (const char *const *)bsearch(
            buffer_text(&name), (const void *)names, ITEM_MEMBERS,
            sizeof names[0], compare_names);
        if (found != NULL)
            item.members[found - names] = member;
    }
    buffer_free(&name);
    return item;
}

bool item_append_string(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *json = json_raw(value, &length);
    if (!json_is(value, JSON_STRING) || length <= 2)
        return false;
    if (memchr(json, '\\', length) == NULL) {
        buffer_append(out, json, length);
        return true;
    }
    struct buffer decoded = BUFFER_EMPTY;
    json_string(value, &decoded);
    json_write_string(out, buffer_text(&decoded), decoded.length);
    out->failed = out->failed || decoded.failed;
    buffer_free(&decoded);
    return true;
}
