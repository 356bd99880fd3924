/* SPDX-License-Identifier: MIT */
/* The members of an item that we know, found in one walk over it: items have
 * dozens of others, and lists have thousands of items. */
#ifndef STOFLOW_ITEM_MEMBERS_H
#define STOFLOW_ITEM_MEMBERS_H

#include "buffer.h"
#include "json.h"

#include <stdbool.h>

/* In the order of their names, which are in item_members.c. */
enum item_member {
    ITEM_BRAND,
    ITEM_BRAND_DTO,
    ITEM_BRAND_ID,
    ITEM_BRAND_TITLE,
    ITEM_CURRENCY,
    ITEM_DESCRIPTION,
    ITEM_FAVOURITE_COUNT,
    ITEM_IS_CLOSED,
    ITEM_IS_DRAFT,
    ITEM_IS_HIDDEN,
    ITEM_IS_RESERVED,
    ITEM_CLOSING_ACTION,
    ITEM_MESSAGE_COUNT,
    ITEM_PHOTO,
    ITEM_PHOTOS,
    ITEM_PRICE,
    ITEM_SIZE,
    ITEM_SIZE_TITLE,
    ITEM_STATUS,
    ITEM_STATUS_TITLE,
    ITEM_TITLE,
    ITEM_URL,
    ITEM_VIEW_COUNT,
    ITEM_MEMBERS /* how many there are */
};

struct item {
    struct json_value members[ITEM_MEMBERS]; /* absent where there is none */
};

/* All members are absent if `object` is no object. Of members with the same
 * name the last one counts. */
struct item item_read_members(struct json_value object);

/* Appends a member that is a string and not empty, as JSON in our own spelling:
 * grep(1) must find "Bon état" however the sender escaped it. Whether it was
 * such a string. */
bool item_append_string(struct buffer *out, struct json_value value);

#endif
