/* SPDX-License-Identifier: MIT */
#include "budget.h"

#include "budget_name.h"
#include "clock.h"
#include "file.h"
#include "limit.h"
#include "name_list.h"
#include "spool_lock.h"
#include "stamp.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Seconds: no lease lasts longer, whatever host has granted it. */
    OPEN_AHEAD = TIMEOUT_MAX + STAMP_SKEW
};

/* --- The names ------------------------------------------------------------ */

/* What stands in pace/42/ at one moment. */
struct ledger {
    const struct account *account;
    int64_t now;
    struct budget_entry *entries;
    size_t count;
    size_t room;
    struct name_list old; /* names that count no more */
};

static int64_t length_of(const struct account *account)
{
    return account->config->budget.seconds * clock_second;
}

static struct path path_of_entry(
    const struct account *account, const struct budget_entry *entry)
{
    struct budget_name name = budget_name_format(entry);
    return account_path(account, SPOOL_PACE, name.text);
}

/* ERROR_EXISTS too where it was made before, by who gave the same name. */
static enum error put(
    const struct account *account, const struct budget_entry *entry)
{
    struct path path = path_of_entry(account, entry);
    int directory = account->spool->directory;
    enum error error = file_create_hint(directory, path.text, "", 0);
    if (error != ERROR_NOT_FOUND)
        return error;
    error = account_make_folder(account, SPOOL_PACE);
    return error == ERROR_NONE ? file_create_hint(directory, path.text, "", 0)
                               : error;
}

static enum error change(const struct account *account,
    struct budget_entry *entry, const struct budget_entry *to)
{
    struct path from = path_of_entry(account, entry);
    struct path path = path_of_entry(account, to);
    if (strcmp(from.text, path.text) == 0)
        return ERROR_NONE;
    enum error error =
        file_rename(account->spool->directory, from.text, path.text);
    if (error == ERROR_NONE)
        *entry = *to;
    return error;
}

static void drop(
    const struct account *account, const struct budget_entry *entry)
{
    file_remove(account->spool->directory, path_of_entry(account, entry).text);
}

/* --- A look at them ------------------------------------------------------- */

static bool is_astray(const struct budget_entry *entry, int64_t now)
{
    return stamp_is_astray(
        entry->moment, now, entry->is_open ? OPEN_AHEAD : STAMP_SKEW);
}

/* One that was set while the clock was ahead is as of now: it counts as long as
 * one that is set now, and no longer. */
static void bring_back(struct ledger *ledger)
{
    struct budget_entry *entries = ledger->entries;
    for (size_t i = 0; i < ledger->count; i++) {
        if (!is_astray(&entries[i], ledger->now))
            continue;
        struct budget_entry now = entries[i];
        now.moment = ledger->now;
        change(ledger->account, &entries[i], &now);
        entries[i].moment = ledger->now;
    }
}

static enum error append(
    struct ledger *ledger, const struct budget_entry *entry)
{
    if (ledger->count == ledger->room) {
        size_t room = (2 * ledger->room) + 32;
        struct budget_entry *larger =
            realloc(ledger->entries, room * sizeof *larger);
        if (larger == NULL) {
            limit_memory_refused(room * sizeof *larger);
            return ERROR_MEMORY;
        }
        ledger->entries = larger;
        ledger->room = room;
    }
    ledger->entries[ledger->count++] = *entry;
    return ERROR_NONE;
}

static enum error visit(void *context, const char *name)
{
    struct ledger *ledger = context;
    struct budget_entry entry;
    if (budget_name_parse(name, &entry) != ERROR_NONE)
        return ERROR_NONE;
    if (entry.moment + length_of(ledger->account) < ledger->now)
        return name_list_append(&ledger->old, name, strlen(name));
    return append(ledger, &entry);
}

/* In any case close_ledger is due. */
static enum error open_ledger(
    struct ledger *ledger, const struct account *account)
{
    *ledger = (struct ledger){
        .account = account, .now = clock_now(), .old = NAME_LIST_EMPTY};
    enum error error = spool_each_name(
        account->spool, account_folder(account, SPOOL_PACE), visit, ledger);
    if (error == ERROR_NONE)
        bring_back(ledger);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static void close_ledger(struct ledger *ledger)
{
    free(ledger->entries);
    name_list_free(&ledger->old);
}

static unsigned remove_old(const struct ledger *ledger, bool dry)
{
    unsigned removed = 0;
    for (size_t i = 0; i < ledger->old.count; i++) {
        char name[SPOOL_NAME_MAX + 1];
        name_list_copy(&ledger->old, i, name, sizeof name);
        struct path path = account_path(ledger->account, SPOOL_PACE, name);
        removed += dry || file_remove(ledger->account->spool->directory,
                              path.text) == ERROR_NONE;
    }
    return removed;
}

/* Whether it counts what `own` does, which is open. */
static bool is_same(
    const struct budget_entry *entry, const struct budget_entry *own)
{
    return entry->is_open && strcmp(entry->lease, own->lease) == 0;
}

/* What is left of the budget beside `own` (NULL: none), which may be less than
 * nothing. */
static int64_t left_beside(
    const struct ledger *ledger, const struct budget_entry *own)
{
    int64_t left = ledger->account->config->budget.requests;
    for (size_t i = 0; i < ledger->count; i++) {
        if (own == NULL || !is_same(&ledger->entries[i], own))
            left -= ledger->entries[i].count;
    }
    return left;
}

static int compare_moments(const void *one, const void *other)
{
    const struct budget_entry *a = one;
    const struct budget_entry *b = other;
    return (a->moment > b->moment) - (a->moment < b->moment);
}

/* When `least` are left, which is not now. All that is counted is what the
 * whole lacks, so that one of the entries is the last to wait for. A task that
 * is out may end at any time, and nobody knows when. */
static int64_t find_next(struct ledger *ledger, int64_t left, int64_t least)
{
    int64_t moment = 0;
    qsort(ledger->entries, ledger->count, sizeof ledger->entries[0],
        compare_moments);
    for (size_t i = 0; left < least; i++) {
        const struct budget_entry *entry = &ledger->entries[i];
        if (entry->is_open && entry->moment > ledger->now)
            return 0;
        left += entry->count;
        moment = entry->moment;
    }
    return moment + length_of(ledger->account) + 1;
}

/* A task that needs more than the whole must not wait for ever. */
static int bounded(const struct account *account, int requests)
{
    int most = account->config->budget.requests;
    return requests < most ? requests : most;
}

bool budget_is_set(const struct account *account)
{
    return account->config->budget.requests > 0;
}

enum error budget_look(
    const struct account *account, int least, struct budget *budget)
{
    struct ledger ledger;
    *budget = (struct budget){0, 0};
    least = bounded(account, least);
    enum error error = open_ledger(&ledger, account);
    if (error == ERROR_NONE) {
        int64_t left = left_beside(&ledger, NULL);
        budget->left = left > 0 ? (int)left : 0;
        error = left >= least ? ERROR_NONE : ERROR_BUSY;
        if (error == ERROR_BUSY)
            budget->next = find_next(&ledger, left, least);
        remove_old(&ledger, false);
    }
    close_ledger(&ledger);
    return error;
}

/* --- Granting ------------------------------------------------------------- */

/* What others have granted since we looked is taken off ours, as they take ours
 * off theirs: whoever came second has seen both. */
static enum error agree(
    const struct account *account, struct budget_entry *own, int least)
{
    struct ledger ledger;
    enum error error = open_ledger(&ledger, account);
    int64_t left = error == ERROR_NONE ? left_beside(&ledger, own) : 0;
    close_ledger(&ledger);
    if (error != ERROR_NONE)
        return error;
    if (left < 0)
        left = 0;
    if (left < bounded(account, least))
        return ERROR_BUSY;
    struct budget_entry less = *own;
    if (left < own->count && own->count > least)
        less.count = (int)left;
    return change(account, own, &less);
}

enum error budget_grant(const struct account *account,
    const struct lease_name *lease, int most, int *granted)
{
    struct budget budget;
    int least = most > 0 ? most : 1;
    enum error error = budget_look(account, least, &budget);
    if (error != ERROR_NONE)
        return error;
    struct budget_entry own = budget_entry_open(
        lease->lease, lease->deadline, most > 0 ? most : budget.left, 0);
    error = put(account, &own);
    if (error == ERROR_EXISTS)
        error = ERROR_NONE;
    if (error == ERROR_NONE) {
        error = agree(account, &own, least);
        if (error != ERROR_NONE)
            drop(account, &own);
    }
    *granted = own.count;
    return error;
}

/* The last that was opened: a client may name several hand-outs alike, one
 * after the other. */
static enum error find_open(const struct account *account, const char *lease,
    struct budget_entry *found)
{
    struct ledger ledger;
    bool has = false;
    enum error error = open_ledger(&ledger, account);
    for (size_t i = 0; error == ERROR_NONE && i < ledger.count; i++) {
        const struct budget_entry *entry = &ledger.entries[i];
        if (!entry->is_open || strcmp(entry->lease, lease) != 0 ||
            (has && entry->moment < found->moment))
            continue;
        *found = *entry;
        has = true;
    }
    close_ledger(&ledger);
    return error == ERROR_NONE && !has ? ERROR_NOT_FOUND : error;
}

void budget_take_back(
    const struct account *account, const struct lease_name *lease)
{
    struct budget_entry own;
    if (find_open(account, lease->lease, &own) == ERROR_NONE)
        drop(account, &own);
}

/* --- What plugins tell ---------------------------------------------------- */

static int take_more(const struct budget_entry *entry, int64_t requests)
{
    int64_t more = requests - entry->told;
    if (more <= 0)
        return 0;
    return more < BUDGET_COUNT_MAX ? (int)more : BUDGET_COUNT_MAX;
}

/* Before they are taken off what is open: who dies in between has counted them
 * twice, not lost them. */
static void note_sent(
    const struct account *account, const char *lease, int count)
{
    if (count > 0) {
        struct budget_entry sent = budget_entry_sent(lease, clock_now(), count);
        put(account, &sent);
    }
}

/* What is left now is granted anew: what was sent long ago counts no more. */
static int grant_more(const struct account *account, struct budget_entry *own)
{
    struct ledger ledger;
    enum error error = open_ledger(&ledger, account);
    int64_t left = error == ERROR_NONE ? left_beside(&ledger, own) : 0;
    close_ledger(&ledger);
    struct budget_entry more = *own;
    more.count = left > 0 ? (int)left : 0;
    error = change(account, own, &more);
    if (error == ERROR_NONE)
        error = agree(account, own, 0);
    return error == ERROR_NONE ? own->count : 0;
}

int budget_renew(const struct account *account, const struct lease_name *lease,
    int64_t requests)
{
    struct budget_entry own;
    int lock = account_lock(account, "pace");
    bool is_open = find_open(account, lease->lease, &own) == ERROR_NONE;
    if (!is_open) {
        own = budget_entry_open(lease->lease, lease->deadline, 0, 0);
        put(account, &own);
    }
    struct budget_entry renewed = own;
    int more = take_more(&own, requests);
    note_sent(account, lease->lease, more);
    renewed.moment = lease->deadline;
    renewed.told += more;
    change(account, &own, &renewed);
    int granted =
        is_open && requests < 0 ? own.count : grant_more(account, &own);
    spool_unlock(lock);
    return granted;
}

void budget_settle(
    const struct account *account, const char *lease, int64_t requests)
{
    struct budget_entry own;
    if (find_open(account, lease, &own) != ERROR_NONE) {
        own = budget_entry_open(lease, 0, 0, 0);
        note_sent(account, lease, take_more(&own, requests));
        return;
    }
    int more = requests < 0 ? own.count : take_more(&own, requests);
    struct budget_entry sent = budget_entry_sent(lease, clock_now(), more);
    if (more > 0)
        change(account, &own, &sent);
    else
        drop(account, &own);
}

unsigned budget_clear(const struct account *account, bool dry)
{
    struct ledger ledger;
    enum error error = open_ledger(&ledger, account);
    unsigned removed = error == ERROR_NONE ? remove_old(&ledger, dry) : 0;
    close_ledger(&ledger);
    return removed;
}
