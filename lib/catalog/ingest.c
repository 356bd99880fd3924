/* SPDX-License-Identifier: MIT */
#include "ingest.h"

#include "action.h"
#include "buffer.h"
#include "catalog.h"
#include "clock.h"
#include "file.h"
#include "follow.h"
#include "ingest_apply.h"
#include "item_id.h"
#include "json.h"
#include "name_list.h"
#include "product.h"
#include "seller.h"
#include "spool_lock.h"
#include "stamp.h"
#include "stuck.h"
#include "task.h"

#include <string.h>

enum ingest_limits {
    CONFLICTS_MAX = 16, /* rounds lost to other programs before giving up */
    IN_PASSING = 100    /* entries */
};

/* --- A record ------------------------------------------------------------ */

/* Plugins and Vinted itself wrap what they answer now and then; an object
 * that bears anything we look for is no mere wrapping. */
static struct json_value unwrap(struct json_value result)
{
    static const char *const own[] = {
        "item", "items", "products", "id", "user_id", "item_id", "updated"};
    struct json_value data = json_member(result, "data");
    if (!json_is(data, JSON_OBJECT) && !json_is(data, JSON_ARRAY))
        return result;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (!json_is(json_member(result, own[i]), JSON_ABSENT))
            return result;
    }
    return data;
}

/* The record's own moment, else the one in the name of the entry. It was
 * completed by now: what says otherwise was written while the clock was ahead,
 * and would count for more than all that is observed until then. */
static enum error read_completed(struct ingest_record *record,
    struct json_value root, const char *name, int64_t now)
{
    if (json_moment(json_member(root, "completed_at"), &record->completed) !=
            ERROR_NONE &&
        (strlen(name) < CLOCK_STAMP_LENGTH ||
            clock_parse_stamp(name, &record->completed) != ERROR_NONE))
        return ERROR_SYNTAX;
    record->to_come = stamp_is_astray(record->completed, now, STAMP_SKEW);
    if (record->to_come)
        record->completed = now;
    return ERROR_NONE;
}

/* After a second hand-out nobody knows which of the two the answer belongs
 * to. How long it took, by the plugin's own watch, leads back to its start;
 * failing that, it began no earlier than the task was created. */
static int64_t earliest_start(
    struct json_value root, int64_t created, int64_t completed)
{
    int64_t took = -1; /* milliseconds */
    json_integer(json_member(root, "execution_time_ms"), &took);
    if (took < 0 || created == product_never ||
        took > (completed - created) / 1000)
        return created;
    return completed - (took * 1000);
}

static void read_started(struct ingest_record *record, struct json_value root)
{
    int64_t created = product_never;
    int64_t attempts = 1;
    int64_t latest = record->completed; /* the clock may be set back */
    json_moment(json_member(root, "created_at"), &created);
    record->started = created;
    json_moment(json_member(root, "started_at"), &record->started);
    json_integer(json_member(root, "attempts"), &attempts);
    if (stamp_is_astray(record->started, record->completed, STAMP_SKEW))
        record->to_come = true;
    if (attempts > 1)
        latest = earliest_start(root, created, record->completed);
    if (latest > record->completed)
        latest = record->completed;
    if (record->started > latest)
        record->started = latest;
}

static enum ingest_kind read_kind(struct json_value root)
{
    struct json_value action = json_member(root, "action");
    for (size_t i = 0; i < action_row_count; i++) {
        if (json_string_equals(action, action_rows[i].name))
            return action_rows[i].ingest;
    }
    return INGEST_NONE;
}

/* NULL if the record is of use. */
static const char *read_record(struct ingest_record *record,
    struct json_value root, int64_t user, const char *name)
{
    int64_t owner = user;
    json_integer(json_member(root, "user_id"), &owner);
    if (!json_is(root, JSON_OBJECT))
        return "it is not a record";
    if (!json_string_equals(json_member(root, "status"), "completed"))
        return "its task did not complete";
    if (owner != user)
        return "it is another user's";
    if (read_completed(record, root, name, clock_now()) != ERROR_NONE)
        return "it does not tell when the task was completed";
    read_started(record, root);
    record->kind = read_kind(root);
    record->params = json_member(root, "params");
    record->then = json_member(root, "then");
    record->result = unwrap(json_member(root, "result"));
    item_id_read(
        json_member(json_member(root, "account"), "id"), &record->signed_in);
    return NULL;
}

static void free_record(struct ingest_record *record)
{
    json_free(&record->document);
    buffer_free(&record->text);
}

/* Reads ingest/USER/NAME. ERROR_TYPE or ERROR_SYNTAX with *why told (English
 * phrase, static storage): no use ever; ERROR_* of file_read, ERROR_MEMORY.
 * Only after ERROR_NONE the record must be freed. */
static enum error load_record(struct ingest_record *record,
    const struct account *account, const char *name, const char **why)
{
    struct json_fault fault = {0, ""};
    struct path path = account_path(account, SPOOL_INGEST, name);
    *record = (struct ingest_record){.text = BUFFER_EMPTY};
    enum error error = file_read(account->spool->directory, path.text,
        file_no_limit, &record->text, NULL);
    *why = error_text(error);
    if (error == ERROR_NONE) {
        error = json_parse_own(&record->document, buffer_text(&record->text),
            record->text.length, &fault);
        *why = fault.reason;
    }
    if (error == ERROR_NONE) {
        *why = read_record(
            record, json_root(&record->document), account->user, name);
        error = *why == NULL ? ERROR_NONE : ERROR_TYPE;
    }
    if (error != ERROR_NONE)
        free_record(record);
    return error;
}

/* --- A round ------------------------------------------------------------- */

/* One round: the entries found, the catalogue they go into. */
struct ingest {
    const struct account *account;
    struct catalog catalog;
    struct name_list names;
    struct name_list taken; /* those the catalogue now holds */
    enum error error; /* the first that kept an entry from being taken in */
};

/* What is stuck is told of where it is met, everything else by the caller. */
static void tell_stuck(
    const struct ingest *ingest, struct path path, enum error error)
{
    if (stuck_is_kind(error))
        account_fault(ingest->account, "ingest", path, error);
}

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
    tell_stuck(ingest, account_folder(ingest->account, SPOOL_INGEST), error);
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
    if (record->kind == INGEST_NONE)
        return ERROR_NONE;
    /* Of several prices some may have been changed all the same. */
    if (record->kind != INGEST_PRICES && says_failed(record->result)) {
        *why = "its result says that it failed";
        return ERROR_NONE;
    }
    return record->kind == INGEST_USER
               ? take_user(ingest, record, why)
               : ingest_apply(&ingest->catalog, record, why);
}

/* Takes in one entry. ERROR_NONE: it is done with. */
static enum error take_entry(struct ingest *ingest, const char *name)
{
    struct ingest_record record;
    const char *why = NULL;
    const char *lost = "";
    enum error error = load_record(&record, ingest->account, name, &why);
    if (error == ERROR_NONE) {
        error = seller_look_up(ingest->account, &record.seller);
        if (error == ERROR_NONE)
            error = apply(ingest, &record, &why);
        if (json_is(record.then, JSON_OBJECT))
            lost = "; nothing follows it";
        free_record(&record);
    } else if (!task_is_spoilt(error)) {
        return error; /* not the entry's own fault */
    } else {
        error = ERROR_NONE;
    }
    /* One that cannot be removed is met again and again. */
    if (error == ERROR_NONE && why != NULL &&
        !stuck_is_noted(ingest->account->spool,
            account_path(ingest->account, SPOOL_INGEST, name))) {
        account_log(ingest->account, "ingest", "%s: %s%s", name, why, lost);
    }
    return error;
}

static void take_entries(struct ingest *ingest, unsigned most)
{
    for (size_t i = 0; i < ingest->names.count && ingest->taken.count < most;
        i++) {
        char buffer[SPOOL_NAME_MAX + 1];
        const char *name =
            name_list_copy(&ingest->names, i, buffer, sizeof buffer);
        enum error error = take_entry(ingest, name);
        tell_stuck(
            ingest, account_path(ingest->account, SPOOL_INGEST, name), error);
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
        const char *name =
            name_list_copy(&ingest->taken, i, buffer, sizeof buffer);
        struct path path = account_path(ingest->account, SPOOL_INGEST, name);
        enum error error =
            file_remove(ingest->account->spool->directory, path.text);
        tell_stuck(ingest, path, error);
        if (error == ERROR_NONE)
            ++*taken;
        else if (error != ERROR_NOT_FOUND && ingest->error == ERROR_NONE)
            ingest->error = error;
    }
}

/* Once: the lines that were met bear no such moment any more. */
static void tell_doubted(const struct ingest *ingest)
{
    unsigned count = ingest->catalog.doubted;
    if (count > 0)
        account_log(ingest->account, "ingest",
            "%s: %u products bore moments to come, as written while the clock "
            "was ahead; they give way to what was observed now",
            catalog_path(ingest->account).text, count);
}

static enum error take_names(
    struct ingest *ingest, unsigned most, unsigned *taken)
{
    struct path products =
        account_file(ingest->account, SPOOL_PRODUCTS, "ndjson");
    enum error error = catalog_load(&ingest->catalog, ingest->account);
    tell_stuck(ingest, products, error);
    if (error != ERROR_NONE)
        return error;
    take_entries(ingest, most);
    if (ingest->taken.count > 0) {
        error = catalog_save(&ingest->catalog, ingest->account);
        tell_stuck(ingest, products, error);
        if (error == ERROR_NONE) {
            tell_doubted(ingest);
            remove_entries(ingest, taken);
        }
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
    if (error != ERROR_NONE && !stuck_is_kind(error)) {
        account_log(account, "ingest", "%s", error_text(error));
    }
}
