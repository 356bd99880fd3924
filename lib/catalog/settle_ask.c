/* SPDX-License-Identifier: MIT */
#include "settle_ask.h"

#include "clock.h"
#include "digest.h"
#include "find.h"
#include "follow.h"
#include "name_list.h"
#include "seller.h"
#include "settle_case.h"
#include "stuck.h"
#include "task.h"

#include <stdio.h>
#include <string.h>

enum {
    ID_DIGITS = 32,
    PER_PAGE = 96 /* the most that Vinted gives: fewer requests */
};

struct ask {
    const struct account *account;
    struct name_list names;
    const char *wanted; /* ID of a task that is looked for */
};

static enum error add_name(void *context, const char *text)
{
    struct ask *ask = context;
    struct unknown_name name;
    return unknown_parse(text, &name) == ERROR_NONE
               ? name_list_append(&ask->names, text, strlen(text))
               : ERROR_NONE;
}

/* "settle-" and what the entry's name comes down to; its state and moment are
 * in it, so the second list of a case is another task than the first. */
static void make_id(char id[ID_LENGTH_MAX + 1], struct path entry)
{
    char digest[DIGEST_LENGTH + 1];
    digest_sha256(digest, entry.text, strlen(entry.text));
    snprintf(id, ID_LENGTH_MAX + 1, "settle-%.*s", ID_DIGITS, digest);
}

static enum error match_result(void *context, const char *name)
{
    const struct ask *ask = context;
    return strstr(name, ask->wanted) != NULL ? ERROR_EXISTS : ERROR_NONE;
}

/* Its list has ended. Where the result is still to be taken in, it may tell. */
static enum error look_at_end(
    struct ask *ask, struct unknown_name *name, const char *id)
{
    ask->wanted = id;
    enum error error = spool_each_name(ask->account->spool,
        account_folder(ask->account, SPOOL_INGEST), match_result, ask);
    if (error == ERROR_EXISTS)
        return ERROR_NONE;
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    error = settle_case_rename(ask->account, name, UNKNOWN_ASKED, clock_now());
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

/* ERROR_NOT_FOUND: it waits for no list any more, look at the next. */
static enum error queue_list(struct ask *ask, struct unknown_name *name)
{
    struct task task;
    struct task_place standing = {.state = TASK_PENDING};
    struct draft draft;
    struct path entry = unknown_path(ask->account, name);
    draft_init(&draft);
    enum error error = settle_case_check(ask->account, name);
    if (error == ERROR_NONE)
        error = record_load_task(ask->account, entry, name->id, &task);
    if (error != ERROR_NONE)
        return error == ERROR_BUSY || task_is_spoilt(error) ? ERROR_NOT_FOUND
                                                            : error;
    draft.priority = task.name.priority;
    task_free(&task);
    if (name->since > clock_now())
        draft.not_before = name->since;
    make_id(draft.id, entry);
    error = follow_wardrobe(ask->account, &draft, PER_PAGE, &standing);
    if (error != ERROR_EXISTS)
        return error;
    return standing.state == TASK_FAILED || standing.state == TASK_COMPLETED
               ? look_at_end(ask, name, draft.id)
               : ERROR_NONE;
}

/* The names sort by the moment from which on a list counts. Each is looked at:
 * one whose record has given way goes. */
static enum error ask_for_oldest(struct ask *ask)
{
    bool asked = false;
    enum error error = spool_each_name(ask->account->spool,
        account_folder(ask->account, SPOOL_UNKNOWN), add_name, ask);
    if (error == ERROR_NONE)
        error = name_list_sort(&ask->names);
    if (error != ERROR_NONE)
        return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
    for (size_t i = 0; i < ask->names.count; i++) {
        char text[SPOOL_NAME_MAX + 1];
        struct unknown_name name;
        name_list_copy(&ask->names, i, text, sizeof text);
        if (unknown_parse(text, &name) != ERROR_NONE)
            continue;
        if (asked || name.state == UNKNOWN_ASKED) {
            settle_case_check(ask->account, &name);
            continue;
        }
        error = queue_list(ask, &name);
        if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
            return error;
        asked = error == ERROR_NONE;
    }
    return ERROR_NONE;
}

void settle_ask(const struct account *account)
{
    struct ask ask = {.account = account};
    enum error error = ask_for_oldest(&ask);
    name_list_free(&ask.names);
    if (error != ERROR_NONE && !stuck_is_kind(error))
        account_log(account, "settle", "%s", error_text(error));
}
