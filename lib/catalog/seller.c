/* SPDX-License-Identifier: MIT */
#include "seller.h"

#include "catalog_owner.h"
#include "clock.h"
#include "file.h"
#include "item_id.h"
#include "json_write.h"
#include "pause.h"
#include "product.h"
#include "seller_other.h"
#include "spool_lock.h"
#include "stamp.h"
#include "task.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
    int64_t since;   /* moment: when it became the seller's */
    int64_t moment;
};

struct path seller_path(const struct account *account)
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
    struct on_record *record, const struct account *account, struct path path)
{
    struct json_fault fault;
    *record =
        (struct on_record){.since = product_never, .moment = product_never};
    record->root = (struct json_value){NULL, -1};
    enum error error = file_read_lasting(
        account->spool->directory, path.text, SELLER_FILE_MAX, &record->text);
    if (error == ERROR_NONE) {
        error = json_parse(&record->document, buffer_text(&record->text),
            record->text.length, &fault);
    }
    if (error == ERROR_NONE) {
        record->root = json_root(&record->document);
        json_moment(json_member(record->root, "updated_at"), &record->moment);
        record->since = record->moment; /* older programs told no more */
        json_moment(json_member(record->root, "since"), &record->since);
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
    buffer_append_format(out, "{\"user_id\":%" PRId64, user);
    buffer_append_format(out, ",\"vinted_user_id\":%" PRIu64, number);
    write_member(out, "login", person, known);
    write_member(out, "real_name", person, known);
    write_member(out, "business_account", person, known);
    bool older = record->since != product_never && record->since < moment;
    json_member_moment(out, "since", older ? record->since : moment);
    json_member_moment(out, "updated_at", moment);
    buffer_append_text(out, "}\n");
}

static enum error replace(const struct account *account, struct path path,
    uint64_t number, struct json_value person, const struct on_record *record,
    int64_t moment)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = ERROR_MEMORY;
    write_seller(&text, account->user, number, person, record, moment);
    if (!text.failed) {
        error = spool_replace(
            account->spool, path, SPOOL_USERS, text.data, text.length);
    }
    buffer_free(&text);
    return error;
}

static struct path path_aside(const struct account *account, uint64_t number)
{
    char kind[40];
    snprintf(kind, sizeof kind, "%" PRIu64 ".json", number);
    return account_file(account, SPOOL_USERS, kind);
}

/* Who was the seller before is so anew from this moment on: what was handed out
 * since then went to another account. */
static enum error renew(const struct account *account, struct path aside,
    uint64_t number, struct json_value person, int64_t moment)
{
    struct on_record before;
    enum error error = recall(&before, account, aside);
    if (error != ERROR_NONE)
        return error;
    before.since = product_never;
    if (before.number == number)
        error = replace(account, aside, number, person, &before, moment);
    forget(&before);
    return error;
}

/* It is nobody's so far. Its catalogue comes first: a crash before
 * users/42.json leaves a seller who is not known yet, and the next to be
 * observed settles it anew; the other way round the old catalogue would be the
 * new seller's. */
static enum error fix(const struct account *account, uint64_t number,
    struct json_value person, struct on_record *record, int64_t moment)
{
    int directory = account->spool->directory;
    struct catalog_owner owner;
    struct path aside = path_aside(account, number);
    enum error error = catalog_owner_settle(account, number, &owner);
    if (error == ERROR_NONE)
        error = renew(account, aside, number, person, moment);
    if (error != ERROR_NONE)
        return error;
    error = file_rename(directory, aside.text, seller_path(account).text);
    if (error == ERROR_NOT_FOUND && file_exists(directory, aside.text))
        return ERROR_BUSY; /* a network file system did not see it */
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    seller_other_forget(account); /* of a change by hand */
    forget(record);
    /* where there are no locks, another's */
    return recall(record, account, seller_path(account));
}

/* Writes what was observed, unless what is on record is newer. */
static enum error update(const struct account *account, uint64_t number,
    struct json_value person, const struct on_record *record, int64_t moment)
{
    bool to_come = stamp_is_astray(record->moment, clock_now(), STAMP_SKEW);
    if (to_come)
        account_log(account, "ingest",
            "%s: it was updated at a moment to come, as while the clock was "
            "ahead; it gives way to what was observed now",
            seller_path(account).text);
    if (record->moment > moment && !to_come)
        /* Where a crash came before the fsync of who wrote it. */
        return directory_sync(
            account->spool->directory, spool_directory_name(SPOOL_USERS));
    return replace(
        account, seller_path(account), number, person, record, moment);
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
    enum error error = recall(&record, account, seller_path(account));
    if (error != ERROR_NONE)
        return error;
    if (record.number == 0)
        error = fix(account, number, person, &record, moment);
    if (error == ERROR_NONE && record.number != 0 && record.number != number)
        *why = "it is of another account at Vinted than this user's";
    else if (error == ERROR_NONE)
        error = update(account, number, person, &record, moment);
    forget(&record);
    return error;
}

enum error seller_read(const struct account *account, struct seller *seller)
{
    struct on_record record;
    size_t length;
    *seller = (struct seller){.since = product_never, .login = BUFFER_EMPTY};
    enum error error = recall(&record, account, seller_path(account));
    if (error != ERROR_NONE)
        return error;
    struct json_value login = json_member(record.root, "login");
    const char *json = json_raw(login, &length);
    seller->number = record.number;
    seller->since = record.since;
    if (json_is(login, JSON_STRING))
        buffer_append(&seller->login, json, length);
    else
        buffer_append_text(&seller->login, "null");
    forget(&record);
    if (!seller->login.failed)
        return ERROR_NONE;
    seller_free(seller);
    seller->number = 0;
    return ERROR_MEMORY;
}

void seller_write(struct buffer *out, const struct seller *seller, bool since)
{
    if (seller->number == 0) {
        json_member_null(out, "account");
        return;
    }
    json_member_key(out, "account");
    buffer_append_format(out, "{\"id\":%" PRIu64, seller->number);
    json_member_raw(
        out, "login", buffer_text(&seller->login), seller->login.length);
    if (since && seller->since == product_never)
        json_member_null(out, "since");
    else if (since)
        json_member_moment(out, "since", seller->since);
    buffer_append_byte(out, '}');
}

void seller_free(struct seller *seller)
{
    buffer_free(&seller->login);
}

enum error seller_look_up(const struct account *account, uint64_t *number)
{
    struct on_record record;
    enum error error = recall(&record, account, seller_path(account));
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
        recall(&record, account, seller_path(account)) != ERROR_NONE)
        return false;
    bool differs = record.number != 0 && record.number != asked;
    forget(&record);
    return differs;
}

/* --- The deliberate change ------------------------------------------------ */

/* In both languages, for whoever reads the file; an answer has the first line.
 */
static const char held[] =
    "the Vinted account was changed; cancel what waits, which was meant for "
    "the one before, or resume to have it done for the new one\n"
    "le compte Vinted a \xC3\xA9t\xC3\xA9 chang\xC3\xA9 ; annulez ce qui "
    "attend, pr\xC3\xA9vu pour l'ancien, ou reprenez pour le faire avec le "
    "nouveau";

/* Whatever the queue is paused for: who ends that would let out what waits. */
static enum error hold(const struct account *account)
{
    struct pause pause;
    enum error error = pause_read(account, &pause);
    size_t length = strcspn(held, "\n");
    bool is_held = error == ERROR_NONE && strlen(pause.reason) == length &&
                   memcmp(pause.reason, held, length) == 0;
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    return is_held ? ERROR_NONE : pause_replace(account, held);
}

/* A queue that a person, or Vinted, has paused stays so. */
static enum error resume(const struct account *account)
{
    struct pause pause;
    enum error error = pause_read(account, &pause);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error != ERROR_NONE || !seller_other_is_reason(pause.reason))
        return error;
    return pause_end(account);
}

/* Who it was is said beside the catalogue before users/42.json goes, which
 * commits the change: left by a crash after that is a catalogue that knows
 * whose it is, and gives way to the next account's. */
static enum error release(const struct account *account, uint64_t number)
{
    struct catalog_owner owner;
    enum error error = catalog_owner_settle(account, number, &owner);
    if (error == ERROR_NONE)
        error = file_rename(account->spool->directory,
            seller_path(account).text, path_aside(account, owner.number).text);
    if (error == ERROR_NONE)
        error = directory_sync(
            account->spool->directory, spool_directory_name(SPOOL_USERS));
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        error = catalog_owner_release(account, &owner);
    return error;
}

/* What waits is held before nobody is the seller: a poll at that moment would
 * hand it out for whoever is signed in. */
enum error seller_change(const struct account *account, bool waits)
{
    uint64_t number;
    int lock = account_lock(account, "ingest");
    enum error error = seller_look_up(account, &number);
    if (error == ERROR_NONE && waits)
        error = hold(account);
    if (error == ERROR_NONE)
        error = release(account, number);
    spool_unlock(lock);
    if (error != ERROR_NONE)
        return error;
    if (number != 0)
        account_log(account, "account",
            "the seller's account was given up (%" PRIu64 "); whoever is "
            "signed in at Vinted next is the seller",
            number);
    seller_other_forget(account);
    return resume(account);
}
