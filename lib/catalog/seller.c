/* SPDX-License-Identifier: MIT */
#include "seller.h"

#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "json_write.h"
#include "product.h"
#include "stamp.h"
#include "task.h"

#include <inttypes.h>

enum seller_sizes {
    SELLER_FILE_MAX = 1 << 20, /* bytes read: none of ours comes near */
    SELLER_TEXT_MAX = SELLER_FILE_MAX / 16 /* bytes of one member, as JSON */
};

/* The file as it stands; absent values where there is none. */
struct on_record {
    struct buffer text;
    struct json_document document;
    struct json_value root;
    uint64_t number; /* on Vinted; 0: not known */
    int64_t moment;
};

static struct path seller_path(const struct account *account)
{
    return account_file(account, SPOOL_USERS, "json");
}

static void forget(struct on_record *record)
{
    json_free(&record->document);
    buffer_free(&record->text);
}

/* A file somebody broke counts as none: the observation mends it. One that a
 * network file system does not see for a moment must not: another account would
 * take its place. */
static enum error recall(
    struct on_record *record, const struct account *account)
{
    struct json_fault fault;
    *record = (struct on_record){.moment = product_never};
    record->root = (struct json_value){NULL, -1};
    enum error error = file_read_lasting(account->spool->directory,
        seller_path(account).text, SELLER_FILE_MAX, &record->text);
    if (error == ERROR_NONE) {
        error = json_parse(&record->document, buffer_text(&record->text),
            record->text.length, &fault);
    }
    if (error == ERROR_NONE) {
        record->root = json_root(&record->document);
        json_moment(json_member(record->root, "updated_at"), &record->moment);
        item_id_read(
            json_member(record->root, "vinted_user_id"), &record->number);
    }
    if (error != ERROR_NONE)
        forget(record);
    return error == ERROR_NOT_FOUND || task_is_spoilt(error) ? ERROR_NONE
                                                             : error;
}

static struct json_value find_person(struct json_value observed)
{
    struct json_value user = json_member(observed, "user");
    struct json_value current = json_member(observed, "currentUser");
    if (json_is(user, JSON_OBJECT))
        return user;
    return json_is(current, JSON_OBJECT) ? current : observed;
}

static bool find_number(struct json_value person, uint64_t *number)
{
    return item_id_read(json_member(person, "user_id"), number) == ERROR_NONE ||
           item_id_read(json_member(person, "id"), number) == ERROR_NONE;
}

bool seller_read_number(struct json_value observed, uint64_t *number)
{
    return find_number(find_person(observed), number);
}

/* Text, a number or a truth value; anything else could hold anything. What is
 * too long for the file to be read again is none of these, either. */
static bool is_plain(struct json_value value)
{
    size_t length;
    json_raw(value, &length);
    if (length > SELLER_TEXT_MAX)
        return false;
    return json_is(value, JSON_STRING) || json_is(value, JSON_NUMBER) ||
           json_is(value, JSON_BOOLEAN);
}

/* Writes the observed member, else the one on record, else null. */
static void write_member(struct buffer *out, const char *key,
    struct json_value person, struct json_value on_record)
{
    struct json_value value = json_member(person, key);
    size_t length;
    if (!is_plain(value))
        value = json_member(on_record, key);
    const char *json = json_raw(value, &length);
    if (is_plain(value))
        json_member_raw(out, key, json, length);
    else
        json_member_null(out, key);
}

static void write_seller(struct buffer *out, int64_t user, uint64_t number,
    struct json_value person, const struct on_record *record, int64_t moment)
{
    struct json_value known = record->root;
    if (record->number != number)
        known = (struct json_value){NULL, -1}; /* somebody else */
    buffer_append_format(out, "{\"user_id\":%" PRId64, user);
    buffer_append_format(out, ",\"vinted_user_id\":%" PRIu64, number);
    write_member(out, "login", person, known);
    write_member(out, "real_name", person, known);
    write_member(out, "business_account", person, known);
    json_member_moment(out, "updated_at", moment);
    buffer_append_text(out, "}\n");
}

static enum error replace(const struct account *account, uint64_t number,
    struct json_value person, const struct on_record *record, int64_t moment)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = ERROR_MEMORY;
    write_seller(&text, account->user, number, person, record, moment);
    if (!text.failed) {
        error = spool_replace(account->spool, seller_path(account), SPOOL_USERS,
            text.data, text.length);
    }
    buffer_free(&text);
    return error;
}

enum error seller_observe(const struct account *account,
    struct json_value observed, int64_t moment, const char **why)
{
    struct on_record record;
    struct json_value person = find_person(observed);
    uint64_t number;
    if (!find_number(person, &number)) {
        *why = "it does not tell the user's number on Vinted";
        return ERROR_NONE;
    }
    enum error error = recall(&record, account);
    if (error != ERROR_NONE)
        return error;
    bool to_come = stamp_is_astray(record.moment, clock_now(), STAMP_SKEW);
    if (to_come)
        account_log(account, "ingest",
            "%s: it was updated at a moment to come, as while the clock was "
            "ahead; it gives way to what was observed now",
            seller_path(account).text);
    if (record.moment > moment && !to_come) {
        /* Where a crash came before the fsync of who wrote it. */
        error = directory_sync(
            account->spool->directory, spool_directory_name(SPOOL_USERS));
    } else {
        error = replace(account, number, person, &record, moment);
    }
    forget(&record);
    return error;
}

enum error seller_look_up(const struct account *account, uint64_t *number)
{
    struct on_record record;
    enum error error = recall(&record, account);
    if (error != ERROR_NONE)
        return error;
    *number = record.number;
    forget(&record);
    return ERROR_NONE;
}

bool seller_differs(const struct account *account, struct json_value number)
{
    struct on_record record;
    uint64_t asked;
    if (item_id_read(number, &asked) != ERROR_NONE ||
        recall(&record, account) != ERROR_NONE)
        return false;
    bool differs = record.number != 0 && record.number != asked;
    forget(&record);
    return differs;
}
