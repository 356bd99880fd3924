/* SPDX-License-Identifier: MIT */
#include "settle_mark.h"

#include "fold.h"
#include "item_id.h"
#include "product_item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Vinted may trim a title or change its capitals. A title that is taken for
 * another's would have the task listed again, so what is in doubt is equal. */
static void read_title(struct settle_mark *mark, struct json_value title)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer folded = BUFFER_EMPTY;
    json_string(title, &text);
    fold_append(&folded, buffer_text(&text), text.length);
    for (size_t i = 0; i < folded.length; i++) {
        bool blank = strchr(" \t\r\n", folded.data[i]) != NULL;
        bool before = mark->title.length > 0 &&
                      mark->title.data[mark->title.length - 1] != ' ';
        if (!blank)
            buffer_append_byte(&mark->title, folded.data[i]);
        else if (before)
            buffer_append_byte(&mark->title, ' ');
    }
    if (mark->title.length > 0 &&
        mark->title.data[mark->title.length - 1] == ' ')
        mark->title.length--;
    mark->title.failed = mark->title.failed || text.failed || folded.failed;
    buffer_free(&text);
    buffer_free(&folded);
}

static enum error read_price(struct settle_mark *mark, struct json_value from)
{
    struct product told = PRODUCT_EMPTY;
    size_t length;
    product_start(&told, 0);
    product_read_price(&told, from, 0);
    const char *price = product_json(&told, PRODUCT_PRICE, &length);
    snprintf(mark->price, sizeof mark->price, "%.*s", (int)length, price);
    enum error error = told.text.failed ? ERROR_MEMORY : ERROR_NONE;
    product_free(&told);
    return error;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static size_t count_photos(const struct settle_mark *mark)
{
    return mark->photos.length / sizeof(uint64_t);
}

static void read_photos(struct settle_mark *mark, struct json_value photos)
{
    uint64_t number;
    if (!json_is(photos, JSON_ARRAY))
        return;
    struct json_value photo = json_first(photos);
    for (; !json_is(photo, JSON_ABSENT); photo = json_next(photo)) {
        if (item_id_read(json_member(photo, "id"), &number) == ERROR_NONE ||
            item_id_read(photo, &number) == ERROR_NONE)
            buffer_append(&mark->photos, (const char *)&number, sizeof number);
    }
    if (!mark->photos.failed && mark->photos.length > 0)
        qsort(mark->photos.data, count_photos(mark), sizeof number,
            compare_numbers);
}

enum error settle_mark_read(struct settle_mark *mark, struct json_value from)
{
    *mark = (struct settle_mark){.title = BUFFER_EMPTY, .photos = BUFFER_EMPTY};
    read_title(mark, json_member(from, "title"));
    enum error error = read_price(mark, from);
    read_photos(mark, json_member(from, "photos"));
    if (mark->photos.length == 0)
        read_photos(mark, json_member(from, "assigned_photos"));
    return mark->title.failed || mark->photos.failed ? ERROR_MEMORY : error;
}

void settle_mark_free(struct settle_mark *mark)
{
    buffer_free(&mark->title);
    buffer_free(&mark->photos);
}

static bool share_photo(
    const struct settle_mark *asked, const struct settle_mark *item)
{
    const uint64_t *photos = (const void *)item->photos.data;
    for (size_t i = 0; i < count_photos(item); i++) {
        if (bsearch(&photos[i], asked->photos.data, count_photos(asked),
                sizeof photos[i], compare_numbers) != NULL)
            return true;
    }
    return false;
}

enum settle_fit settle_mark_compare(
    const struct settle_mark *asked, const struct settle_mark *item)
{
    if (count_photos(asked) > 0 && count_photos(item) > 0)
        return share_photo(asked, item) ? FIT_PHOTOS : FIT_NOT;
    bool title =
        asked->title.length > 0 && asked->title.length == item->title.length &&
        memcmp(asked->title.data, item->title.data, asked->title.length) == 0;
    bool price =
        asked->price[0] != '\0' && strcmp(asked->price, item->price) == 0;
    if (title && price)
        return FIT_WORDS;
    return title || price ? FIT_NEAR : FIT_NOT;
}
