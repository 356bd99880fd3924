/* SPDX-License-Identifier: MIT */
#include "ingest.h"

#include "action.h"
#include "buffer.h"
#include "catalog.h"
#include "catalog_owner.h"
#include "catalog_save.h"
#include "catalog_twin.h"
#include "clock.h"
#include "file.h"
#include "follow.h"
#include "ingest_apply.h"
#include "ingest_calls.h"
#include "ingest_record.h"
#include "ingest_seller.h"
#include "ingest_tell.h"
#include "item_id.h"
#include "json.h"
#include "name_list.h"
#include "product.h"
#include "seller.h"
#include "settle.h"
#include "spool_lock.h"
#include "stamp.h"
#include "stuck.h"
#include "task.h"

#include <string.h>

enum {
    CONFLICTS_MAX = 16, /* rounds lost to other programs before giving up */
    BEHIND_SECONDS = 5  /* that what runs behind an answer goes on */
};

/* --- A round ------------------------------------------------------------- */

/* One round: the entries found, the catalogue they go into. */
struct ingest {
    const struct account *account;
    uint64_t seller; /* at Vinted; 0: not known */
    struct catalog_owner owner;
    bool again; /* who the seller is has just become known */
    struct catalog catalog;
    struct name_list names;
    struct name_list taken; /* those the catalogue now holds */
    struct name_list late;  /* lists that may settle what is unknown */
    struct name_list said;  /* what is to be told once the catalogue is saved */
    bool settles;           /* something is */
    enum error error; /* the first that kept an entry from being taken in */
};

/* Any other is none of ours. */
static bool is_entry(const char *name)
{
    size_t length = strlen(name);
    return length >= 5 && strcmp(name + length - 5, ".json") == 0 &&
           strchr(name, '\n') == NULL;
}

static enum error add_name(void *context, const char *name)
{
    struct ingest *ingest = context;
    return is_entry(name) ? name_list_append(&ingest->names, name, strlen(name))
                          : ERROR_NONE;
}

static enum error list_names(struct ingest *ingest)
{
    enum error error = spool_each_name(ingest->account->spool,
        account_folder(ingest->account, SPOOL_INGEST), add_name, ingest);
    ingest_tell_stuck(
        ingest->account, account_folder(ingest->account, SPOOL_INGEST), error);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static void free_names(struct ingest *ingest)
{
    name_list_free(&ingest->names);
    name_list_free(&ingest->taken);
    name_list_free(&ingest->late);
    name_list_free(&ingest->said);
}

static bool says_failed(struct json_value result)
{
    bool success = true;
    int64_t code = 0;
    json_boolean(json_member(result, "success"), &success);
    json_integer(json_member(result, "code"), &code);
    return !success || code != 0 ||
           json_is(json_member(result, "error"), JSON_STRING);
}

/* Who the seller is, and the sync that waited for it. */
static enum error take_user(const struct ingest *ingest,
    const struct ingest_record *record, const char **why)
{
    uint64_t number;
    enum error error =
        seller_observe(ingest->account, record->result, record->completed, why);
    if (error != ERROR_NONE || !json_is(record->then, JSON_OBJECT) ||
        !seller_read_number(record->result, &number))
        return error;
    error = follow_queue(ingest->account, record->then, number);
    if (error != ERROR_SYNTAX)
        return error;
    *why = "what it says is to follow cannot be queued";
    return ERROR_NONE;
}

static enum error apply(
    struct ingest *ingest, const struct ingest_record *record, const char **why)
{
    if (record->kind == INGEST_NONE)
        return ERROR_NONE;
    /* Of several prices some may have been changed all the same, and of several
     * requests each has its own answer. */
    if (record->kind != INGEST_PRICES && record->kind != INGEST_CALLS &&
        says_failed(record->result)) {
        *why = "its result says that it failed";
        return ERROR_NONE;
    }
    if (record->kind == INGEST_USER)
        return take_user(ingest, record, why);
    return record->kind == INGEST_CALLS
               ? ingest_calls(&ingest->catalog, record, why)
               : ingest_apply(&ingest->catalog, record, why);
}

/* Known from now on, the seller may have another catalogue than the one that
 * was read: what was taken in before is written first, and the entry is taken
 * in by the next round. */
static enum error fix_seller(
    struct ingest *ingest, const struct ingest_record *record, const char **why)
{
    enum error error = ERROR_NONE;
    ingest->again = true;
    if (ingest->taken.count == 0)
        error = ingest_fix_seller(ingest->account, record, why);
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

static enum error take_record(
    struct ingest *ingest, const struct ingest_record *record, const char **why)
{
    enum error error = ERROR_NONE;
    enum ingest_whose whose = ingest_judge(ingest->account, record, why);
    if (whose == INGEST_FOREIGN)
        return ERROR_NONE;
    if (whose == INGEST_LISTED && !says_failed(record->result))
        error = ingest_fix_owner(ingest->account, record, &ingest->owner);
    if (error != ERROR_NONE)
        return error;
    return whose == INGEST_FIRST && !says_failed(record->result)
               ? fix_seller(ingest, record, why)
               : apply(ingest, record, why);
}

/* Takes in one entry. ERROR_NONE: it is done with. ERROR_EXISTS: it is a list
 * for which the cases are needed (NULL where they have not been loaded). */
static enum error take_entry(
    struct ingest *ingest, const char *name, struct settle_cases *cases)
{
    struct ingest_record record;
    const char *why = NULL;
    const char *lost = "";
    enum error error = ingest_record_load(&record, ingest->account, name, &why);
    if (error == ERROR_NONE) {
        record.seller = ingest->seller;
        record.owner = ingest->owner;
        bool settles = ingest->settles && settle_can_tell(&record) &&
                       !says_failed(record.result);
        error = settles && cases == NULL ? ERROR_EXISTS
                                         : take_record(ingest, &record, &why);
        if (error == ERROR_NONE && settles)
            error =
                settle_by_list(cases, &ingest->catalog, &record, why == NULL);
        if (json_is(record.then, JSON_OBJECT))
            lost = "; nothing follows it";
        ingest_record_free(&record);
    } else if (!task_is_spoilt(error)) {
        return error; /* not the entry's own fault */
    } else {
        error = ERROR_NONE;
    }
    if (error == ERROR_NONE && why != NULL)
        ingest_say(&ingest->said, ingest->account, name, why, lost);
    return error;
}

static void take_one(
    struct ingest *ingest, const char *name, struct settle_cases *cases)
{
    enum error error = take_entry(ingest, name, cases);
    ingest_tell_stuck(ingest->account,
        account_path(ingest->account, SPOOL_INGEST, name), error);
    if (error == ERROR_NONE)
        error = name_list_append(&ingest->taken, name, strlen(name));
    else if (error == ERROR_EXISTS)
        error = name_list_append(&ingest->late, name, strlen(name));
    if (error != ERROR_NOT_FOUND && ingest->error == ERROR_NONE)
        ingest->error = error;
}

static void take_entries(struct ingest *ingest, unsigned most)
{
    for (size_t i = 0;
        i < ingest->names.count && ingest->taken.count < most && !ingest->again;
        i++) {
        char buffer[SPOOL_NAME_MAX + 1];
        take_one(ingest,
            name_list_copy(&ingest->names, i, buffer, sizeof buffer), NULL);
    }
}

/* Whether the catalogue holds all that was in ingest/ at this moment, but for
 * the lists that come last. What has come since sorts behind the others. */
static bool holds_all(const struct ingest *ingest)
{
    struct ingest now = {.account = ingest->account};
    bool same = list_names(&now) == ERROR_NONE &&
                now.names.count == ingest->names.count &&
                ingest->taken.count + ingest->late.count == ingest->names.count;
    free_names(&now);
    return same;
}

/* A list tells what became of a task only once it is known which items other
 * tasks have made. Their results are in ingest/ before they leave executing/,
 * so after the cases are loaded it is asked whether one has come. Of several
 * lists one is taken in a round: what it settles comes before the next. */
static void take_late(struct ingest *ingest)
{
    char buffer[SPOOL_NAME_MAX + 1];
    struct settle_cases cases = {.account = ingest->account};
    if (ingest->late.count == 0)
        return;
    const char *name = name_list_copy(&ingest->late, 0, buffer, sizeof buffer);
    /* What is stuck would keep the list from the catalogue for ever. */
    ingest->settles = ingest->error == ERROR_NONE;
    if (ingest->settles)
        ingest->error = settle_cases_load(&cases, ingest->account);
    if (!ingest->settles || (ingest->error == ERROR_NONE && holds_all(ingest)))
        take_one(ingest, name, &cases);
    settle_cases_free(&cases);
}

/* Removes the entries the catalogue now holds. */
static void remove_entries(struct ingest *ingest, unsigned *taken)
{
    for (size_t i = 0; i < ingest->taken.count; i++) {
        char buffer[SPOOL_NAME_MAX + 1];
        const char *name =
            name_list_copy(&ingest->taken, i, buffer, sizeof buffer);
        struct path path = account_path(ingest->account, SPOOL_INGEST, name);
        enum error error =
            file_remove(ingest->account->spool->directory, path.text);
        ingest_tell_stuck(ingest->account, path, error);
        if (error == ERROR_NONE)
            ++*taken;
        else if (error != ERROR_NOT_FOUND && ingest->error == ERROR_NONE)
            ingest->error = error;
    }
}

/* Who the seller is, and the catalogue that is the seller's. A person may have
 * moved users/42.json since the last round. */
static enum error load(struct ingest *ingest)
{
    enum error error = seller_look_up(ingest->account, &ingest->seller);
    if (error == ERROR_NONE)
        error = catalog_owner_settle(
            ingest->account, ingest->seller, &ingest->owner);
    return error == ERROR_NONE
               ? catalog_open(&ingest->catalog, ingest->account, true)
               : error;
}

static enum error take_names(
    struct ingest *ingest, unsigned most, unsigned *taken)
{
    struct path products =
        account_file(ingest->account, SPOOL_PRODUCTS, "ndjson");
    enum error error = load(ingest);
    ingest_tell_stuck(ingest->account, products, error);
    if (error != ERROR_NONE)
        return error;
    take_entries(ingest, most);
    take_late(ingest);
    if (ingest->taken.count > 0) {
        error = catalog_twin_settle(&ingest->catalog);
        if (error == ERROR_NONE)
            error = catalog_save(&ingest->catalog, ingest->account);
        ingest_tell_stuck(ingest->account, products, error);
        ingest_tell_limit(ingest->account, error);
        if (error == ERROR_NONE) {
            ingest_tell_said(ingest->account, &ingest->said);
            ingest_tell_doubted(ingest->account, ingest->catalog.doubted);
            catalog_twin_tell(&ingest->catalog, ingest->account);
            remove_entries(ingest, taken);
        }
    }
    catalog_free(&ingest->catalog);
    if (error == ERROR_NONE)
        error = ingest->error;
    bool first = ingest->again && ingest->taken.count == 0;
    return error == ERROR_NONE && first ? ERROR_CONFLICT : error;
}

/* Takes in what is there now and adds to *taken. *left: entries that it has
 * seen and are there still. ERROR_CONFLICT: nothing was removed, because
 * another program replaced the catalogue meanwhile, or because the seller has
 * just become known. */
static enum error take_round(
    const struct account *account, unsigned most, unsigned *taken, size_t *left)
{
    struct ingest ingest = {
        .account = account, .settles = settle_case_any(account)};
    unsigned before = *taken;
    enum error error = list_names(&ingest);
    bool listed = error == ERROR_NONE;
    if (error == ERROR_NONE)
        error = name_list_sort(&ingest.names);
    if (error == ERROR_NONE && ingest.names.count > 0)
        error = take_names(&ingest, most, taken);
    *left = listed ? ingest.names.count - (*taken - before) : SIZE_MAX;
    free_names(&ingest);
    return error;
}

/* Rounds until one finds nothing that it can take in. */
static enum error take_all(
    const struct account *account, unsigned most, unsigned *taken, size_t *left)
{
    unsigned conflicts = 0;
    while (*taken < most) {
        unsigned before = *taken;
        enum error error = take_round(account, most - *taken, taken, left);
        if (error == ERROR_CONFLICT && ++conflicts <= CONFLICTS_MAX)
            continue;
        if (error == ERROR_CONFLICT)
            return ERROR_BUSY;
        if (error != ERROR_NONE || *taken == before)
            return error;
    }
    return ERROR_NONE;
}

struct entry_count {
    size_t count;
    size_t most;
};

/* ERROR_EXISTS: there are more than that. */
static enum error count_entry(void *context, const char *name)
{
    struct entry_count *entries = context;
    if (is_entry(name) && entries->count++ == entries->most)
        return ERROR_EXISTS;
    return ERROR_NONE;
}

/* Whether there are more than so many; also where that cannot be told, but
 * `most` is 0. */
static bool has_more(const struct account *account, size_t most)
{
    struct entry_count entries = {0, most};
    enum error error = spool_each_name(account->spool,
        account_folder(account, SPOOL_INGEST), count_entry, &entries);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        return false;
    return error == ERROR_EXISTS || most == 0;
}

/* With `held` it does not wait, but sets that where another is at it, and
 * leaves to that one what it has brought: therefore who has given the lock back
 * looks once more whether there is more than it has left. */
static enum error take_in(
    const struct account *account, unsigned most, unsigned *taken, bool *held)
{
    size_t left = 0; /* the usual case: not even a lock is needed */
    enum error error = ERROR_NONE;
    *taken = 0;
    while (*taken < most && has_more(account, left)) {
        int lock = held == NULL ? account_lock(account, "ingest")
                                : account_lock_try(account, "ingest");
        if (lock == SPOOL_LOCK_HELD && held != NULL) {
            *held = true;
            break;
        }
        error = take_all(account, most, taken, &left);
        spool_unlock(lock);
    }
    return error;
}

enum error ingest_user(
    const struct account *account, unsigned most, unsigned *taken)
{
    return take_in(account, most, taken, NULL);
}

void ingest_in_passing(const struct account *account)
{
    unsigned taken;
    ingest_tell(account, ingest_user(account, INGEST_IN_PASSING, &taken));
}

bool ingest_behind(const struct account *account)
{
    int64_t until = clock_steady() + (BEHIND_SECONDS * clock_second);
    unsigned taken;
    bool held = false;
    enum error error;
    do {
        error = take_in(account, INGEST_IN_PASSING, &taken, &held);
    } while (error == ERROR_NONE && taken == INGEST_IN_PASSING &&
             clock_steady() < until);
    ingest_tell(account, error);
    return !held;
}
