/* SPDX-License-Identifier: MIT */
#include "product.h"

#include "buffer.h"
#include "json_write.h"

#include <stdint.h>
#include <string.h>

void product_start(struct product *product, uint64_t id)
{
    struct buffer text = product->text;
    buffer_clear(&text);
    *product = (struct product){
        .id = id,
        .first_seen = product_never,
        .seen_at = product_never,
        .text = text,
    };
    for (int field = 0; field < PRODUCT_FIELDS; field++)
        product->values[field].moment = product_never;
}

void product_free(struct product *product)
{
    buffer_free(&product->text);
}

void product_set(struct product *product, enum product_field field,
    const char *json, size_t length, int64_t moment)
{
    product->values[field] =
        (struct product_value){product->text.length, length, moment};
    buffer_append(&product->text, json, length);
}

void product_set_text(struct product *product, enum product_field field,
    const char *json, int64_t moment)
{
    product_set(product, field, json, strlen(json), moment);
}

void product_set_string(struct product *product, enum product_field field,
    const char *text, int64_t moment)
{
    size_t start = product->text.length;
    json_write_text(&product->text, text);
    product->values[field] =
        (struct product_value){start, product->text.length - start, moment};
}

bool product_knows(const struct product *product, enum product_field field)
{
    return product->values[field].length > 0;
}

const char *product_json(
    const struct product *product, enum product_field field, size_t *length)
{
    const struct product_value *value = &product->values[field];
    *length = product->text.failed ? 0 : value->length;
    return *length == 0 ? "" : product->text.data + value->start;
}

bool product_is(
    const struct product *product, enum product_field field, const char *json)
{
    size_t length;
    const char *known = product_json(product, field, &length);
    return length == strlen(json) && memcmp(known, json, length) == 0;
}

void product_seen(struct product *product, int64_t moment)
{
    if (product->first_seen == product_never || moment < product->first_seen)
        product->first_seen = moment;
    if (moment > product->seen_at)
        product->seen_at = moment;
}

static bool same_value(
    const struct product *a, const struct product *b, enum product_field field)
{
    size_t a_length;
    size_t b_length;
    const char *a_json = product_json(a, field, &a_length);
    const char *b_json = product_json(b, field, &b_length);
    return a_length == b_length && memcmp(a_json, b_json, a_length) == 0;
}

static void take(struct product *known, const struct product *observed,
    enum product_field field)
{
    size_t length;
    const char *json = product_json(observed, field, &length);
    product_set(known, field, json, length, observed->values[field].moment);
}

/* Whether an observed value is known and not older than the one we have. */
static bool is_news(const struct product *known, const struct product *observed,
    enum product_field field)
{
    return product_knows(observed, field) &&
           (!product_knows(known, field) ||
               observed->values[field].moment >= known->values[field].moment);
}

static void merge_field(struct product *known, const struct product *observed,
    enum product_field field)
{
    if (is_news(known, observed, field))
        take(known, observed, field);
}

/* The number follows the name: one brand's number must not stay beside
 * another brand's name. */
static void merge_brand(struct product *known, const struct product *observed)
{
    bool same = same_value(known, observed, PRODUCT_BRAND);
    bool news = is_news(known, observed, PRODUCT_BRAND);
    merge_field(known, observed, PRODUCT_BRAND);
    if (news && !same)
        known->values[PRODUCT_BRAND_ID].length = 0;
    if (news || same)
        merge_field(known, observed, PRODUCT_BRAND_ID);
}

static bool is_absent(const struct product *product)
{
    return product_is(product, PRODUCT_STATUS, PRODUCT_GONE) ||
           product_is(product, PRODUCT_STATUS, PRODUCT_DELETED);
}

/* That a product is missing counts only if nobody has seen it since, and says
 * less than that it was deleted. */
static void merge_absence(struct product *known, const struct product *observed)
{
    int64_t moment = observed->values[PRODUCT_STATUS].moment;
    if (product_is(observed, PRODUCT_STATUS, PRODUCT_DELETED)) {
        if (moment < known->seen_at)
            return;
        if (product_is(known, PRODUCT_STATUS, PRODUCT_GONE))
            take(known, observed, PRODUCT_STATUS);
        else
            merge_field(known, observed, PRODUCT_STATUS);
    } else if (moment > known->seen_at &&
               !product_is(known, PRODUCT_STATUS, PRODUCT_DELETED)) {
        merge_field(known, observed, PRODUCT_STATUS);
    }
}

/* A product that is there, its state not being told, is active if it counted
 * as absent. One that is told of as an item (the status then bears no moment)
 * is also active if nothing else is known; a state we know stays. */
static void merge_presence(
    struct product *known, const struct product *observed)
{
    bool item = product_knows(observed, PRODUCT_STATUS);
    bool active = product_is(known, PRODUCT_STATUS, PRODUCT_ACTIVE);
    int64_t seen = observed->seen_at;
    if (!product_knows(known, PRODUCT_STATUS)) {
        if (item)
            product_set_text(known, PRODUCT_STATUS, PRODUCT_ACTIVE, seen);
    } else if (seen > known->values[PRODUCT_STATUS].moment &&
               (is_absent(known) || (active && item))) {
        product_set_text(known, PRODUCT_STATUS, PRODUCT_ACTIVE, seen);
    }
}

static void merge_status(struct product *known, const struct product *observed)
{
    if (is_absent(observed))
        merge_absence(known, observed);
    else if (observed->values[PRODUCT_STATUS].moment != product_never)
        merge_field(known, observed, PRODUCT_STATUS);
    else
        merge_presence(known, observed);
}

void product_merge(struct product *known, const struct product *observed)
{
    for (int field = 0; field < PRODUCT_FIELDS; field++) {
        if (field == PRODUCT_STATUS)
            merge_status(known, observed);
        else if (field == PRODUCT_BRAND)
            merge_brand(known, observed);
        else if (field != PRODUCT_BRAND_ID)
            merge_field(known, observed, (enum product_field)field);
    }
    if (observed->seen_at != product_never) {
        product_seen(known, observed->first_seen);
        product_seen(known, observed->seen_at);
    }
}
