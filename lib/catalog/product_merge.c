/* SPDX-License-Identifier: MIT */
#include "product_merge.h"

#include <string.h>

/* Whether a field is known to be exactly this JSON text. */
static bool field_is(
    const struct product *product, enum product_field field, const char *json)
{
    size_t length;
    const char *known = product_json(product, field, &length);
    return length == strlen(json) && memcmp(known, json, length) == 0;
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
    return field_is(product, PRODUCT_STATUS, PRODUCT_GONE) ||
           field_is(product, PRODUCT_STATUS, PRODUCT_DELETED);
}

static void merge_deletion(
    struct product *known, const struct product *observed)
{
    if (observed->values[PRODUCT_STATUS].moment < known->seen_at)
        return;
    if (field_is(known, PRODUCT_STATUS, PRODUCT_GONE))
        take(known, observed, PRODUCT_STATUS);
    else
        merge_field(known, observed, PRODUCT_STATUS);
}

/* That a list lacks a product counts only if nobody has seen it since, and says
 * less than that it was deleted. The first and the last of such lists are
 * remembered, the last by the moment of "gone": they may come in any order, and
 * twice. Lines of before there was a "missing_since" are gone by one. */
static void merge_missing(struct product *known, int64_t moment)
{
    bool gone = field_is(known, PRODUCT_STATUS, PRODUCT_GONE);
    int64_t first = known->missing_since;
    int64_t last = gone ? known->values[PRODUCT_STATUS].moment : first;
    if (moment <= known->seen_at ||
        field_is(known, PRODUCT_STATUS, PRODUCT_DELETED))
        return;
    if (first == product_never || moment < first)
        known->missing_since = moment;
    if (last == product_never || moment > last)
        last = moment;
    if (gone || last > known->missing_since)
        product_set_text(known, PRODUCT_STATUS, PRODUCT_GONE, last);
}

/* It was seen since the first list that lacks it: only what began later counts,
 * of which the last is known. Alone it does not prove that the product is gone.
 */
static void end_missing(struct product *known, int64_t seen)
{
    bool gone = field_is(known, PRODUCT_STATUS, PRODUCT_GONE);
    int64_t last = gone ? known->values[PRODUCT_STATUS].moment : product_never;
    if (known->missing_since == product_never || seen < known->missing_since)
        return;
    if (gone)
        product_set_text(known, PRODUCT_STATUS, PRODUCT_ACTIVE, seen);
    known->missing_since = last > seen ? last : product_never;
}

/* A product that is there, its state not being told, is active if it counted
 * as absent. One that is told of as an item (the status then bears no moment)
 * is also active if nothing else is known; a state we know stays. */
static void merge_presence(
    struct product *known, const struct product *observed)
{
    bool item = product_knows(observed, PRODUCT_STATUS);
    bool active = field_is(known, PRODUCT_STATUS, PRODUCT_ACTIVE);
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
    if (field_is(observed, PRODUCT_STATUS, PRODUCT_DELETED))
        merge_deletion(known, observed);
    else if (observed->values[PRODUCT_STATUS].moment != product_never)
        merge_field(known, observed, PRODUCT_STATUS);
    else
        merge_presence(known, observed);
}

void product_merge(struct product *known, const struct product *observed)
{
    end_missing(known, observed->seen_at);
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
    if (observed->missing_since != product_never)
        merge_missing(known, observed->missing_since);
    if (field_is(known, PRODUCT_STATUS, PRODUCT_DELETED))
        known->missing_since = product_never;
}
