/* SPDX-License-Identifier: MIT */
#include "settle.h"

#include "clock.h"
#include "file.h"
#include "ingest_list.h"
#include "ingest_seller.h"
#include "item_id.h"
#include "product.h"
#include "product_item.h"
#include "seller.h"
#include "settle_word.h"
#include "task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Seconds: a product counts as seen since its first list began, and a list
     * that was going on when the task began may show what the task made. */
    LIST_LONGEST = 3600,
    /* Seconds by which Vinted's clock and ours may differ, besides the time
     * that an item takes to appear. */
    CLOCKS_APART = 120
};

/* The highest number of those that were first seen by a moment. Vinted's
 * numbers grow, so what was made later has a higher one. */
struct known {
    int64_t first_seen;
    uint64_t highest;
};

/* What one list shows, and what was known before it. */
struct view {
    struct settle_cases *cases;
    struct catalog *catalog;
    struct json_value items;
    struct seller seller; /* whose wardrobe the list shows */
    int64_t changed;      /* before that it was another; or product_never */
    struct known *known;  /* by moment; NULL: not made yet */
    size_t known_count;
    struct buffer list;     /* its memory */
    struct product product; /* scratch memory */
};

/* One item of it that something unknown may have made. */
struct sight {
    uint64_t id;
    size_t element;
    int64_t first_seen;
    int64_t published; /* product_never: not told */
    enum settle_fit best;
};

/* --- What was known ------------------------------------------------------- */

static int compare_known(const void *a, const void *b)
{
    int64_t first = ((const struct known *)a)->first_seen;
    int64_t second = ((const struct known *)b)->first_seen;
    return (first > second) - (first < second);
}

static enum error add_known(void *context, struct catalog_row *row)
{
    struct view *view = context;
    enum error error = catalog_row_read(row, &view->product);
    struct known known = {view->product.first_seen, row->id};
    if (error == ERROR_NONE)
        buffer_append(&view->list, (const char *)&known, sizeof known);
    return error == ERROR_MEMORY || view->list.failed ? ERROR_MEMORY
                                                      : ERROR_NONE;
}

static enum error read_known(struct view *view)
{
    enum error error = catalog_each(view->catalog, add_known, view);
    if (error != ERROR_NONE)
        return error;
    buffer_reserve(&view->list, 1); /* so that it is there */
    if (view->list.failed)
        return ERROR_MEMORY;
    view->known = (void *)view->list.data;
    view->known_count = view->list.length / sizeof *view->known;
    qsort(view->known, view->known_count, sizeof *view->known, compare_known);
    for (size_t i = 1; i < view->known_count; i++) {
        if (view->known[i].highest < view->known[i - 1].highest)
            view->known[i].highest = view->known[i - 1].highest;
    }
    return ERROR_NONE;
}

/* 0: nothing was known by then. */
static uint64_t highest_before(const struct view *view, int64_t moment)
{
    size_t low = 0;
    size_t high = view->known_count;
    while (low < high) {
        size_t middle = low + ((high - low) / 2);
        if (view->known[middle].first_seen < moment)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : view->known[low - 1].highest;
}

/* --- One item ------------------------------------------------------------- */

/* Where the word that settles a task has not come to its end, the catalogue may
 * know already what that word says. */
static bool is_settled_so(
    const struct settle_cases *cases, const struct product *product)
{
    size_t length;
    int64_t moment = product->values[PRODUCT_LISTED_BY].moment;
    const char *by = product_json(product, PRODUCT_LISTED_BY, &length);
    for (size_t i = 0; i < cases->count; i++) {
        const struct settle_case *one = &cases->at[i];
        if (length == strlen(one->name.id) + 2 &&
            memcmp(by + 1, one->name.id, length - 2) == 0)
            return !one->running && moment > one->started;
    }
    return false;
}

/* Whether another task has made it, as its own result or a settled one says. */
static enum error look_at_row(
    const struct view *view, struct sight *sight, bool *explained)
{
    struct product product = PRODUCT_EMPTY;
    struct catalog_row *row;
    enum error error = catalog_find(view->catalog, sight->id, &row);
    sight->first_seen = INT64_MAX;
    if (error != ERROR_NONE || row == NULL)
        return error;
    error = catalog_row_read(row, &product);
    if (error == ERROR_NONE) {
        sight->first_seen = product.first_seen;
        *explained = product_knows(&product, PRODUCT_LISTED_BY) &&
                     !is_settled_so(view->cases, &product);
    }
    product_free(&product);
    return error == ERROR_MEMORY ? error : ERROR_NONE;
}

static enum error read_published(struct sight *sight, struct json_value element)
{
    struct product product = PRODUCT_EMPTY;
    size_t length;
    product_start(&product, sight->id);
    product_read_item(&product, element, 0);
    const char *json = product_json(&product, PRODUCT_PUBLISHED_AT, &length);
    sight->published = product_never;
    if (length == CLOCK_ISO_LENGTH + 2) {
        char text[CLOCK_ISO_LENGTH + 1];
        memcpy(text, json + 1, CLOCK_ISO_LENGTH);
        text[CLOCK_ISO_LENGTH] = '\0';
        clock_parse_iso(text, CLOCK_ISO_LENGTH, &sight->published);
    }
    enum error error = product.text.failed ? ERROR_MEMORY : ERROR_NONE;
    product_free(&product);
    return error;
}

static bool is_older(const struct settle_case *one, const struct sight *sight)
{
    return sight->first_seen < one->started - (LIST_LONGEST * clock_second);
}

/* Whether it appeared while the task was at it. */
static bool is_timely(const struct view *view, const struct settle_case *one,
    const struct sight *sight, enum settle_fit fit)
{
    int64_t slack = CLOCKS_APART * clock_second;
    if (fit == FIT_PHOTOS)
        return true;
    if (sight->published != product_never)
        return sight->published >= one->started - slack &&
               (one->running || sight->published <= one->ended + slack);
    uint64_t highest = highest_before(view, one->started);
    return highest != 0 && sight->id > highest;
}

/* Whether it was handed out before the account was changed, or may have been,
 * by a clock that was set back. */
static bool began_before(const struct view *view, const struct settle_case *one)
{
    return view->changed != product_never &&
           (one->started < view->changed || one->started > one->ended);
}

/* Whether the task went to the account whose wardrobe the list shows: its
 * result says so or, where it tells nothing, the seller is the same since. */
static bool went_here(const struct view *view, const struct settle_case *one)
{
    return one->account != 0
               ? one->account == view->seller.number
               : view->seller.since <= one->started && !began_before(view, one);
}

/* How the item stands to a case: FIT_NOT also where it is older, or where the
 * task went to another account, or may have gone there since it was handed out
 * before the change, and words alone speak for the item. */
static enum settle_fit compare(const struct view *view,
    const struct settle_case *one, const struct settle_mark *mark,
    const struct sight *sight)
{
    enum settle_fit fit = settle_mark_compare(&one->mark, mark);
    bool told = one->account != 0 || began_before(view, one);
    bool elsewhere = told && !went_here(view, one);
    return is_older(one, sight) || (elsewhere && fit != FIT_PHOTOS) ? FIT_NOT
                                                                    : fit;
}

/* Gives it to the first case that it fits and that has none. */
static void assign(struct view *view, const struct settle_mark *mark,
    const struct sight *sight)
{
    struct settle_cases *cases = view->cases;
    struct settle_case *taker = NULL;
    bool running = false;
    bool any = false;
    for (size_t i = 0; i < cases->count; i++) {
        struct settle_case *one = &cases->at[i];
        if (compare(view, one, mark, sight) != sight->best ||
            !is_timely(view, one, sight, sight->best))
            continue;
        any = true;
        running = running || one->running;
        if (taker == NULL && !one->running && one->item == 0)
            taker = one;
    }
    for (size_t i = 0; i < cases->count && any; i++) {
        struct settle_case *one = &cases->at[i];
        if (one->running || compare(view, one, mark, sight) != sight->best ||
            !is_timely(view, one, sight, sight->best))
            continue;
        one->waits = one->waits || running;
        one->rivalled = one->rivalled || (taker == NULL && !running);
    }
    if (taker != NULL && !running) {
        taker->item = sight->id;
        taker->element = sight->element;
    }
}

/* What keeps a case from being held for not there: words that fit an item whose
 * time does not, or an item that came then and resembles it. */
static void doubt(struct view *view, const struct settle_mark *mark,
    const struct sight *sight)
{
    for (size_t i = 0; i < view->cases->count; i++) {
        struct settle_case *one = &view->cases->at[i];
        enum settle_fit fit = compare(view, one, mark, sight);
        bool timely = is_timely(view, one, sight, fit);
        if ((fit == FIT_NEAR && timely) || (fit == FIT_WORDS && !timely))
            one->doubted = true;
    }
}

static enum error judge_sight(struct view *view, const struct settle_mark *mark,
    struct sight *sight, struct json_value element)
{
    bool explained = false;
    enum error error = look_at_row(view, sight, &explained);
    if (error != ERROR_NONE || explained)
        return error;
    error = read_published(sight, element);
    if (error == ERROR_NONE && view->known == NULL)
        error = read_known(view);
    if (error != ERROR_NONE)
        return error;
    if (sight->best >= FIT_WORDS)
        assign(view, mark, sight);
    doubt(view, mark, sight);
    return ERROR_NONE;
}

static enum error judge_element(
    struct view *view, struct json_value element, size_t index)
{
    struct sight sight = {.element = index, .best = FIT_NOT};
    struct settle_mark mark;
    if (item_id_read(json_member(element, "id"), &sight.id) != ERROR_NONE)
        return ERROR_NONE;
    enum error error = settle_mark_read(&mark, element);
    for (size_t i = 0; i < view->cases->count; i++) {
        enum settle_fit fit =
            settle_mark_compare(&view->cases->at[i].mark, &mark);
        if (fit > sight.best)
            sight.best = fit;
    }
    if (error == ERROR_NONE && sight.best != FIT_NOT)
        error = judge_sight(view, &mark, &sight, element);
    settle_mark_free(&mark);
    return error;
}

static enum error judge(struct view *view)
{
    enum error error = ERROR_NONE;
    size_t index = 0;
    struct json_value element = json_first(view->items);
    for (; !json_is(element, JSON_ABSENT) && error == ERROR_NONE;
        element = json_next(element))
        error = judge_element(view, element, index++);
    return error;
}

/* --- What follows from it ------------------------------------------------- */

static void write_item(
    struct buffer *out, struct json_value items, size_t index)
{
    size_t length;
    struct json_value element = json_first(items);
    while (index-- > 0)
        element = json_next(element);
    const char *item = json_raw(element, &length);
    buffer_append_text(out, "{\"item\":");
    buffer_append(out, item, length);
    buffer_append_byte(out, '}');
}

/* The entry goes once the word stands; where that is lost, whoever meets it
 * sees that its record has given way. */
static enum error speak(const struct view *view, const struct settle_case *one)
{
    const struct account *account = view->cases->account;
    struct path entry = unknown_path(account, &one->name);
    struct settle_word word = {.found = one->item != 0,
        .result = BUFFER_EMPTY,
        .account = BUFFER_EMPTY,
        .why = "not found: two complete lists of the wardrobe, some minutes "
               "apart, lack it; it may be tried again"};
    if (word.found) {
        write_item(&word.result, view->items, one->element);
        buffer_append_format(&word.account, "{\"id\":%" PRIu64 ",\"login\":%s}",
            view->seller.number, buffer_text(&view->seller.login));
    }
    enum error error = settle_speak(account, one->name.id, &entry, &word);
    buffer_free(&word.result);
    buffer_free(&word.account);
    if (error == ERROR_NONE) {
        account_log(account, "settle", "task %s: %s", one->name.id,
            one->item != 0 ? "found on Vinted" : "not found on Vinted");
        file_remove(account->spool->directory, entry.text);
    }
    /* Another word came first. */
    return error == ERROR_EXISTS || error == ERROR_NOT_FOUND ||
                   error == ERROR_CONFLICT || error == ERROR_BUSY
               ? ERROR_NONE
               : error;
}

/* `complete`: of a list that began after the case's moment. */
static enum error note_missing(const struct view *view, struct settle_case *one,
    const struct ingest_record *list, bool complete)
{
    const struct account *account = view->cases->account;
    if (list->started < one->name.since)
        return ERROR_NONE; /* another list is to come */
    if (!complete || one->doubted || !went_here(view, one))
        return one->name.state == UNKNOWN_ASKED
                   ? ERROR_NONE
                   : settle_case_rename(
                         account, &one->name, UNKNOWN_ASKED, clock_now());
    if (one->name.state == UNKNOWN_MISSING)
        return speak(view, one);
    return settle_case_rename(account, &one->name, UNKNOWN_MISSING,
        list->completed + (SETTLE_APART * clock_second));
}

static enum error conclude(const struct view *view, struct settle_case *one,
    const struct ingest_record *list, bool complete)
{
    const struct account *account = view->cases->account;
    if (one->waits)
        return settle_case_rename(
            account, &one->name, one->name.state, clock_now());
    if (one->rivalled)
        return one->name.state == UNKNOWN_ASKED
                   ? ERROR_NONE
                   : settle_case_rename(
                         account, &one->name, UNKNOWN_ASKED, clock_now());
    if (one->item != 0)
        return speak(view, one);
    return note_missing(view, one, list, complete);
}

/* Without the fsync a loss of power may give a case its name before back, whose
 * list is done: then the seller would be asked. */
static enum error conclude_all(
    const struct view *view, const struct ingest_record *list, bool complete)
{
    const struct account *account = view->cases->account;
    for (size_t i = 0; i < view->cases->count; i++) {
        struct settle_case *one = &view->cases->at[i];
        enum error error =
            one->running ? ERROR_NONE : conclude(view, one, list, complete);
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            return error;
    }
    enum error error = account_sync_folder(account, SPOOL_UNKNOWN);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

bool settle_can_tell(const struct ingest_record *record)
{
    uint64_t wardrobe = 0;
    item_id_read(json_member(record->params, "user_id"), &wardrobe);
    return record->kind == INGEST_LIST && record->seller != 0 &&
           wardrobe == record->seller &&
           (record->signed_in == 0 || record->signed_in == record->seller) &&
           record->started != product_never && !record->to_come &&
           !ingest_is_before(record);
}

enum error settle_by_list(struct settle_cases *cases, struct catalog *catalog,
    const struct ingest_record *list, bool complete)
{
    struct view view = {.cases = cases,
        .catalog = catalog,
        .items = ingest_list_items(list->result)};
    enum error error = seller_read(cases->account, &view.seller);
    if (error != ERROR_NONE)
        return error;
    view.changed = list->owner.since;
    error = judge(&view);
    if (error == ERROR_NONE)
        error = conclude_all(&view, list, complete);
    buffer_free(&view.list);
    product_free(&view.product);
    seller_free(&view.seller);
    return error;
}
