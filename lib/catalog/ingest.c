/* SPDX-License-Identifier: MIT */
#include "ingest.h"

#include "catalog.h"
#include "config.h"
#include "error.h"
#include "file.h"
#include "follow.h"
#include "ingest_apply.h"
#include "ingest_kind.h"
#include "ingest_record.h"
#include "json.h"
#include "log.h"
#include "name_list.h"
#include "path.h"
#include "seller.h"
#include "spool.h"
#include "spool_lock.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum ingest_limits {
    CONFLICTS_MAX = 16, /* rounds lost to other programs before giving up */
    IN_PASSING = 100    /* entries */
};

/* One round: the entries found, the catalogue they go into. */
struct ingest {
    const struct account *account;
    struct catalog catalog;
    struct name_list names;
    struct name_list taken; /* those the catalogue now holds */
    enum error error; /* the first that kept an entry from being taken in */
};

static enum error add_name(void *context, const char *name)
{
    struct ingest *ingest = context;
    size_t length = strlen(name);
    if (length < 5 || strcmp(name + length - 5, ".json") != 0 ||
        strchr(name, '\n') != NULL)
        return ERROR_NONE; /* none of ours */
    return name_list_append(&ingest->names, name, length);
}

static enum error list_names(struct ingest *ingest)
{
    enum error error = spool_each_name(ingest->account->spool,
        account_folder(ingest->account, SPOOL_INGEST), add_name, ingest);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static void free_names(struct ingest *ingest)
{
    name_list_free(&ingest->names);
    name_list_free(&ingest->taken);
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
    static ingest_function *const functions[] = {
        [INGEST_LIST] = ingest_list,
        [INGEST_STATS] = ingest_stats,
        [INGEST_ITEM] = ingest_item,
        [INGEST_PHOTO] = ingest_photo,
        [INGEST_PRICES] = ingest_prices,
        [INGEST_DELETE] = ingest_delete,
    };
    if (record->kind == INGEST_NONE)
        return ERROR_NONE;
    /* Of several prices some may have been changed all the same. */
    if (record->kind != INGEST_PRICES && says_failed(record->result)) {
        *why = "its result says that it failed";
        return ERROR_NONE;
    }
    if (record->kind == INGEST_USER)
        return take_user(ingest, record, why);
    return functions[record->kind](&ingest->catalog, record, why);
}

/* Takes in one entry. ERROR_NONE: it is done with. */
static enum error take_entry(struct ingest *ingest, const char *name)
{
    struct ingest_record record;
    const char *why = NULL;
    const char *lost = "";
    enum error error = ingest_record_load(&record, ingest->account, name, &why);
    if (error == ERROR_NONE) {
        record.foreign = record.kind == INGEST_LIST &&
                         seller_differs(ingest->account,
                             json_member(record.params, "user_id"));
        error = apply(ingest, &record, &why);
        if (json_is(record.then, JSON_OBJECT))
            lost = "; nothing follows it";
        ingest_record_free(&record);
    } else if (error == ERROR_NOT_FOUND || error_is_temporary(error)) {
        return error;
    } else {
        error = ERROR_NONE;
    }
    if (error == ERROR_NONE && why != NULL) {
        log_event(ingest->account->spool, "ingest",
            "user %" PRId64 ": %s: %s%s", ingest->account->user, name, why,
            lost);
    }
    return error;
}

/* The i-th name as a string; what lists hold comes from readdir(3), so it
 * fits. */
static const char *get_name(
    const struct name_list *list, size_t i, char out[SPOOL_NAME_MAX + 1])
{
    struct name_slice name = name_list_get(list, i);
    snprintf(out, SPOOL_NAME_MAX + 1, "%.*s", (int)name.length, name.text);
    return out;
}

static void take_entries(struct ingest *ingest, unsigned most)
{
    for (size_t i = 0; i < ingest->names.count && ingest->taken.count < most;
        i++) {
        char buffer[SPOOL_NAME_MAX + 1];
        const char *name = get_name(&ingest->names, i, buffer);
        enum error error = take_entry(ingest, name);
        if (error == ERROR_NONE)
            error = name_list_append(&ingest->taken, name, strlen(name));
        if (error != ERROR_NOT_FOUND && ingest->error == ERROR_NONE)
            ingest->error = error;
    }
}

/* Removes the entries the catalogue now holds. */
static void remove_entries(struct ingest *ingest, unsigned *taken)
{
    for (size_t i = 0; i < ingest->taken.count; i++) {
        char buffer[SPOOL_NAME_MAX + 1];
        const char *name = get_name(&ingest->taken, i, buffer);
        struct path path = account_path(ingest->account, SPOOL_INGEST, name);
        enum error error =
            file_remove(ingest->account->spool->directory, path.text);
        if (error == ERROR_NONE)
            ++*taken;
        else if (error != ERROR_NOT_FOUND && ingest->error == ERROR_NONE)
            ingest->error = error;
    }
}

static enum error take_names(
    struct ingest *ingest, unsigned most, unsigned *taken)
{
    enum error error = catalog_load(&ingest->catalog, ingest->account);
    if (error != ERROR_NONE)
        return error;
    take_entries(ingest, most);
    if (ingest->taken.count > 0) {
        error = catalog_save(&ingest->catalog, ingest->account);
        if (error == ERROR_NONE)
            remove_entries(ingest, taken);
    }
    catalog_free(&ingest->catalog);
    return error == ERROR_NONE ? ingest->error : error;
}

/* Takes in what is there now and adds to *taken. ERROR_CONFLICT: nothing was
 * removed, because another program replaced the catalogue meanwhile. */
static enum error take_round(
    const struct account *account, unsigned most, unsigned *taken)
{
    struct ingest ingest = {.account = account};
    enum error error = list_names(&ingest);
    if (error == ERROR_NONE)
        error = name_list_sort(&ingest.names);
    if (error == ERROR_NONE && ingest.names.count > 0)
        error = take_names(&ingest, most, taken);
    free_names(&ingest);
    return error;
}

/* Rounds until one finds nothing that it can take in. */
static enum error take_all(
    const struct account *account, unsigned most, unsigned *taken)
{
    unsigned conflicts = 0;
    while (*taken < most) {
        unsigned before = *taken;
        enum error error = take_round(account, most - *taken, taken);
        if (error == ERROR_CONFLICT && ++conflicts <= CONFLICTS_MAX)
            continue;
        if (error == ERROR_CONFLICT)
            return ERROR_BUSY;
        if (error != ERROR_NONE || *taken == before)
            return error;
    }
    return ERROR_NONE;
}

static bool has_entries(const struct account *account)
{
    struct ingest ingest = {.account = account};
    enum error error = list_names(&ingest);
    bool found = error != ERROR_NONE || ingest.names.count > 0;
    free_names(&ingest);
    return found;
}

enum error ingest_user(
    const struct account *account, unsigned most, unsigned *taken)
{
    *taken = 0;
    if (!has_entries(account))
        return ERROR_NONE; /* the usual case: not even a lock is needed */
    int lock = account_lock(account, "ingest");
    enum error error = take_all(account, most, taken);
    spool_unlock(lock);
    return error;
}

void ingest_in_passing(const struct account *account)
{
    unsigned taken;
    enum error error = ingest_user(account, IN_PASSING, &taken);
    if (error != ERROR_NONE) {
        log_event(account->spool, "ingest", "user %" PRId64 ": %s",
            account->user, error_text(error));
    }
}
