/* SPDX-License-Identifier: MIT */
#include "catalog_twin.h"

#include "clock.h"
#include "item_id.h"
#include "json.h"
#include "product.h"
#include "settle_mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What tells of a product whether it is a twin. */
struct side {
    uint64_t id;
    uint64_t twin;     /* 0: none */
    bool listed;       /* by a task of ours */
    bool absent;       /* gone or deleted */
    bool ended;        /* that, or no longer on sale */
    int64_t published; /* product_never: not told */
    int64_t until;     /* up to when the others were given to the same */
    struct settle_mark mark;
};

/* --- One product --------------------------------------------------------- */

static bool has_status(
    struct json_value row, const char *const *statuses, size_t count)
{
    size_t length;
    const char *json = json_raw(json_member(row, "status"), &length);
    for (size_t i = 0; i < count; i++) {
        if (strlen(statuses[i]) == length &&
            memcmp(statuses[i], json, length) == 0)
            return true;
    }
    return false;
}

/* To be freed by free_side in either case. ERROR_MEMORY; any other: it is none
 * that we understand. */
static enum error read_side(struct side *side, const struct catalog_row *row)
{
    static const char *const ends[] = {
        PRODUCT_GONE, PRODUCT_DELETED, PRODUCT_SOLD, PRODUCT_CLOSED};
    struct json_document document;
    struct json_fault fault;
    *side = (struct side){.id = row->id, .published = product_never};
    enum error error = json_parse(&document, row->text, row->length, &fault);
    if (error != ERROR_NONE)
        return error;
    struct json_value root = json_root(&document);
    item_id_read(json_member(root, "twin_of"), &side->twin);
    side->listed = json_is(json_member(root, "listed_by"), JSON_STRING);
    side->absent = has_status(root, ends, 2);
    side->ended = has_status(root, ends, sizeof ends / sizeof ends[0]);
    json_moment(json_member(root, "published_at"), &side->published);
    error = settle_mark_read(&side->mark, root);
    json_free(&document);
    return error;
}

static void free_side(struct side *side)
{
    settle_mark_free(&side->mark);
}

/* Makes it name another; 0: none. What somebody broke by hand stays. */
static enum error set_twin(struct catalog *catalog, uint64_t id, uint64_t other)
{
    char number[24];
    struct product *known = &catalog->known;
    struct catalog_row *row;
    enum error error = catalog_find(catalog, id, &row);
    if (error != ERROR_NONE)
        return error;
    error = row == NULL ? ERROR_TYPE : catalog_row_read(row, known);
    if (error != ERROR_NONE || known->id != id)
        return error == ERROR_MEMORY ? error : ERROR_NONE;
    snprintf(number, sizeof number, "%" PRIu64, other);
    product_set_text(known, PRODUCT_TWIN_OF, number, known->seen_at);
    if (other == 0)
        known->values[PRODUCT_TWIN_OF].length = 0;
    return catalog_put(catalog, &row);
}

/* --- Finding ------------------------------------------------------------- */

static int compare_words(const struct side *one, const struct side *other)
{
    const struct buffer *a = &one->mark.title;
    const struct buffer *b = &other->mark.title;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    int order = memcmp(buffer_text(a), buffer_text(b), a->length);
    return order != 0 ? order : strcmp(one->mark.price, other->mark.price);
}

/* By words, and where these are the same by when they were published. */
static int compare_sides(const void *a, const void *b)
{
    const struct side *one = a;
    const struct side *other = b;
    int order = compare_words(one, other);
    if (order != 0)
        return order;
    return (one->published > other->published) -
           (one->published < other->published);
}

static bool may_be_twin(const struct side *side)
{
    return side->published != product_never && side->mark.title.length > 0 &&
           side->mark.price[0] != '\0' && !side->absent;
}

/* The fresh ones that no task has made, sorted. */
static enum error read_fresh(
    const struct catalog *catalog, struct buffer *fresh)
{
    enum error error = ERROR_NONE;
    for (size_t i = 0; i < catalog->rows.count && error != ERROR_MEMORY; i++) {
        struct side side;
        if (!catalog->rows.at[i].fresh)
            continue;
        error = read_side(&side, &catalog->rows.at[i]);
        size_t before = fresh->length;
        if (error == ERROR_NONE && !side.listed && may_be_twin(&side))
            buffer_append(fresh, (const char *)&side, sizeof side);
        if (fresh->length == before)
            free_side(&side);
    }
    if (error == ERROR_MEMORY || fresh->failed)
        return ERROR_MEMORY;
    if (fresh->length > 0)
        qsort(fresh->data, fresh->length / sizeof(struct side),
            sizeof(struct side), compare_sides);
    return ERROR_NONE;
}

/* The first of the fresh that is not before `from`. */
static size_t find_first(
    const struct side *fresh, size_t count, const struct side *from)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + ((count - low) / 2);
        if (compare_sides(&fresh[middle], from) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static enum error join(
    struct catalog *catalog, struct side *found, const struct side *listed)
{
    struct catalog_twin twin = {found->id, listed->id};
    found->twin = listed->id;
    found->until = listed->until;
    buffer_append(&catalog->twins, (const char *)&twin, sizeof twin);
    enum error error = set_twin(catalog, found->id, listed->id);
    if (error == ERROR_NONE)
        error = set_twin(catalog, listed->id, found->id);
    return catalog->twins.failed ? ERROR_MEMORY : error;
}

/* Holds one that a task has made against the fresh: it is given all of its time
 * that no other was given, and steps over what another was, so that many that
 * are alike cost no more than as many others. */
static enum error match(
    struct catalog *catalog, const struct buffer *fresh, struct side *listed)
{
    struct side *sides = (void *)fresh->data;
    size_t count = fresh->length / sizeof *sides;
    enum error error = ERROR_NONE;
    listed->until = listed->published + (TWIN_APART * clock_second);
    listed->published -= TWIN_APART * clock_second;
    size_t i = find_first(sides, count, listed);
    while (i < count && compare_words(&sides[i], listed) == 0 &&
           sides[i].published <= listed->until && error == ERROR_NONE) {
        if (sides[i].twin == 0) {
            error = join(catalog, &sides[i++], listed);
        } else {
            listed->published = sides[i].until + 1;
            i = find_first(sides, count, listed);
        }
    }
    return error;
}

/* Whether a line may tell who has made its product, told without taking it
 * apart: most have been listed by hand. */
static bool may_be_listed(const struct catalog_row *row)
{
    static const char key[] = "\"listed_by\"";
    const char *end = row->text + row->length;
    const char *at = row->text;
    while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        if ((size_t)(end - at) >= sizeof key &&
            memcmp(at, key, sizeof key - 1) == 0)
            return true;
        at++;
    }
    return false;
}

/* The fresh ones, and the catalogue that they are in. */
struct matching {
    struct catalog *catalog;
    const struct buffer *fresh;
};

static enum error match_row(void *context, struct catalog_row *row)
{
    const struct matching *matching = context;
    struct side side;
    if (!may_be_listed(row))
        return ERROR_NONE;
    enum error error = read_side(&side, row);
    bool understood = error == ERROR_NONE;
    if (understood && side.listed && may_be_twin(&side))
        error = match(matching->catalog, matching->fresh, &side);
    free_side(&side);
    return understood || error == ERROR_MEMORY ? error : ERROR_NONE;
}

static enum error find_twins(struct catalog *catalog)
{
    struct buffer fresh = BUFFER_EMPTY;
    enum error error = read_fresh(catalog, &fresh);
    if (error == ERROR_NONE && fresh.length > 0)
        error = catalog_each(catalog, match_row,
            &(struct matching){.catalog = catalog, .fresh = &fresh});
    struct side *sides = (void *)fresh.data;
    for (size_t i = 0; i < fresh.length / sizeof *sides; i++)
        free_side(&sides[i]);
    buffer_free(&fresh);
    return error;
}

/* --- Ending -------------------------------------------------------------- */

static bool stands(const struct side *one, const struct side *other)
{
    const struct buffer *a = &one->mark.title;
    const struct buffer *b = &other->mark.title;
    return !(one->listed && other->listed) && !one->absent && !other->absent &&
           !(one->ended && other->ended) && a->length == b->length &&
           memcmp(buffer_text(a), buffer_text(b), a->length) == 0;
}

/* Ends it on both sides, unless it stands; the other may name a third. */
static enum error check(struct catalog *catalog, const struct side *side)
{
    struct side other = {.id = 0};
    struct catalog_row *row;
    enum error error = catalog_find(catalog, side->twin, &row);
    if (error != ERROR_NONE)
        return error;
    error = row == NULL ? ERROR_TYPE : read_side(&other, row);
    bool holds = error == ERROR_NONE && stands(side, &other);
    if (error != ERROR_MEMORY && !holds)
        error = set_twin(catalog, side->id, 0);
    if (error == ERROR_NONE && !holds && other.twin == side->id)
        error = set_twin(catalog, other.id, 0);
    free_side(&other);
    return error == ERROR_MEMORY ? error : ERROR_NONE;
}

static size_t count_twins(const struct catalog *catalog)
{
    return catalog->twins.length / sizeof(struct catalog_twin);
}

static enum error settle_twin(struct catalog *catalog, uint64_t id)
{
    struct side side;
    struct catalog_row *row;
    enum error error = catalog_find(catalog, id, &row);
    if (error != ERROR_NONE || row == NULL)
        return error;
    error = read_side(&side, row);
    bool understood = error == ERROR_NONE;
    if (understood && side.twin != 0)
        error = check(catalog, &side);
    free_side(&side);
    return understood || error == ERROR_MEMORY ? error : ERROR_NONE;
}

enum error catalog_twin_settle(struct catalog *catalog)
{
    enum error error = find_twins(catalog);
    const struct catalog_twin *twins = (const void *)catalog->twins.data;
    if (catalog->twins.failed)
        error = ERROR_MEMORY;
    for (size_t i = 0; i < count_twins(catalog) && error == ERROR_NONE; i++)
        error = settle_twin(catalog, twins[i].id);
    return error;
}

void catalog_twin_tell(
    const struct catalog *catalog, const struct account *account)
{
    const struct catalog_twin *twins = (const void *)catalog->twins.data;
    for (size_t i = 0; i < count_twins(catalog); i++) {
        struct side side;
        if (twins[i].found == 0)
            continue;
        enum error error =
            read_side(&side, catalog_rows_find(&catalog->rows, twins[i].id));
        if (error == ERROR_NONE && side.twin == twins[i].found)
            account_log(account, "ingest",
                "%s: %" PRIu64 " may be %" PRIu64
                " listed twice: no task has made it, and it has its title, its "
                "price and its time",
                catalog_path(account).text, side.id, side.twin);
        free_side(&side);
    }
}
