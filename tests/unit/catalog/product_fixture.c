/* SPDX-License-Identifier: MIT */
#include "product_fixture.h"

#include "clock.h"
#include "item_id.h"
#include "json_expect.h"
#include "product_item.h"
#include "product_merge.h"
#include "unit.h"

#include <string.h>

int64_t product_moment(int seconds)
{
    return (INT64_C(1733565600) + seconds) * clock_second;
}

struct product product_of_item(const char *text, int seconds)
{
    struct product product = PRODUCT_EMPTY;
    struct json_document document = json_parsed(text);
    uint64_t id = 1;
    item_id_read(json_member(json_root(&document), "id"), &id);
    product_start(&product, id);
    product_read_item(&product, json_root(&document), product_moment(seconds));
    json_free(&document);
    return product;
}

struct product product_row_of(const char *text, int seconds)
{
    struct product row = PRODUCT_EMPTY;
    struct product observed = product_of_item(text, seconds);
    product_start(&row, observed.id);
    product_merge(&row, &observed);
    product_free(&observed);
    return row;
}

void product_expect(const char *what, const struct product *product,
    enum product_field field, const char *want)
{
    size_t length;
    const char *have = product_json(product, field, &length);
    if (length != strlen(want) || memcmp(have, want, length) != 0)
        fail_msg("%s: have '%.*s', want '%s'", what, (int)length, have, want);
}

void product_expect_line(const struct product *product, const char *want)
{
    struct buffer line = BUFFER_EMPTY;
    product_write(product, &line);
    assert_string_equal(buffer_text(&line), want);
    buffer_free(&line);
}
