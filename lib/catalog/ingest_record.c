/* SPDX-License-Identifier: MIT */
#include "ingest_record.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "product.h"
#include "stamp.h"

#include <string.h>

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
    record->astray = record->to_come || created > record->completed ||
                     record->started > record->completed;
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
    record->root = root;
    record->params = json_member(root, "params");
    record->then = json_member(root, "then");
    record->result = json_member(root, "result");
    if (record->kind != INGEST_CALLS)
        record->result = unwrap(record->result);
    record->account = json_member(root, "account");
    item_id_read(json_member(record->account, "id"), &record->signed_in);
    return NULL;
}

void ingest_record_free(struct ingest_record *record)
{
    json_free(&record->document);
    buffer_free(&record->text);
}

enum error ingest_record_load(struct ingest_record *record,
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
        ingest_record_free(record);
    return error;
}
