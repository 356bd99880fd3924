/* SPDX-License-Identifier: MIT */
#include "settle_case.h"

#include "file.h"
#include "find.h"
#include "item_id.h"
#include "record.h"
#include "task.h"
#include "verdict_step.h"

#include <stdlib.h>
#include <string.h>

static const char create[] = "create_product";

static enum error visit_any(void *context, const char *name)
{
    struct unknown_name ignored;
    (void)context;
    return unknown_parse(name, &ignored) == ERROR_NONE ? ERROR_EXISTS
                                                       : ERROR_NONE;
}

bool settle_case_any(const struct account *account)
{
    enum error error = spool_each_name(account->spool,
        account_folder(account, SPOOL_UNKNOWN), visit_any, NULL);
    return error != ERROR_NONE && error != ERROR_NOT_FOUND;
}

/* The record has its place in done/ a moment after the entry is made, and the
 * .verdict stays until then. */
enum error settle_case_check(
    const struct account *account, const struct unknown_name *name)
{
    struct path entry = unknown_path(account, name);
    struct path place = verdict_step_place(account, name->id, false);
    enum error error = verdict_step_look(account->spool, entry, place);
    if (error != ERROR_EXISTS)
        return error;
    error = find_unspoken(account, name->id);
    if (error != ERROR_NONE)
        return error;
    error = verdict_step_look(account->spool, entry, place);
    if (error != ERROR_EXISTS)
        return error;
    error = file_remove(account->spool->directory, entry.text);
    return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
}

enum error settle_case_rename(const struct account *account,
    struct unknown_name *name, enum unknown_state state, int64_t since)
{
    struct unknown_name next = *name;
    next.state = state;
    next.since = since;
    enum error error = file_rename_ours(account->spool->directory,
        unknown_path(account, name).text, unknown_path(account, &next).text);
    if (error == ERROR_NONE)
        *name = next;
    return error;
}

static struct settle_case *add(struct settle_cases *cases)
{
    if (cases->count == cases->capacity) {
        size_t capacity = cases->capacity == 0 ? 8 : cases->capacity * 2;
        struct settle_case *at =
            realloc(cases->at, capacity * sizeof *cases->at);
        if (at == NULL)
            return NULL;
        cases->at = at;
        cases->capacity = capacity;
    }
    struct settle_case *one = &cases->at[cases->count];
    memset(one, 0, sizeof *one);
    return one;
}

static enum error keep(struct settle_cases *cases, const struct task *task,
    const struct unknown_name *name, bool running)
{
    struct settle_case *one = add(cases);
    if (one == NULL)
        return ERROR_MEMORY;
    one->name = *name;
    one->running = running;
    one->started = task->claimed;
    one->ended = INT64_MAX;
    struct json_value root = json_root(&task->document);
    json_moment(json_member(root, "completed_at"), &one->ended);
    item_id_read(
        json_member(json_member(root, "account"), "id"), &one->account);
    cases->count++;
    return settle_mark_read(&one->mark, task->draft.params);
}

/* A file that is spoilt, or has moved on, is no case. */
static enum error excuse(enum error error)
{
    return error == ERROR_NOT_FOUND || error == ERROR_BUSY ||
                   task_is_spoilt(error)
               ? ERROR_NONE
               : error;
}

static enum error visit_executing(void *context, const char *text)
{
    struct settle_cases *cases = context;
    struct lease_name lease;
    struct task task;
    struct task_fault fault;
    struct unknown_name name = {.state = UNKNOWN_NEW};
    if (name_parse_executing(text, &lease) != ERROR_NONE ||
        strcmp(lease.task.action, create) != 0)
        return ERROR_NONE;
    struct path path = account_path(cases->account, SPOOL_EXECUTING, text);
    enum error error =
        task_load(cases->account, path, &lease.task, &task, &fault);
    if (error != ERROR_NONE)
        return excuse(error);
    memcpy(name.id, lease.task.id, sizeof name.id);
    error = keep(cases, &task, &name, true);
    task_free(&task);
    return error;
}

static enum error visit_unknown(void *context, const char *text)
{
    struct settle_cases *cases = context;
    struct unknown_name name;
    struct task task;
    if (unknown_parse(text, &name) != ERROR_NONE)
        return ERROR_NONE;
    enum error error = settle_case_check(cases->account, &name);
    if (error == ERROR_NONE)
        error = record_load_task(cases->account,
            unknown_path(cases->account, &name), name.id, &task);
    if (error != ERROR_NONE)
        return excuse(error);
    if (strcmp(task.name.action, create) == 0 && task.claimed != 0)
        error = keep(cases, &task, &name, false);
    task_free(&task);
    return error;
}

/* The first to begin is the first to whom an item goes, in whatever order the
 * folder tells of them. */
static int compare_cases(const void *a, const void *b)
{
    const struct settle_case *first = a;
    const struct settle_case *second = b;
    if (first->started != second->started)
        return first->started < second->started ? -1 : 1;
    return strcmp(first->name.id, second->name.id);
}

enum error settle_cases_load(
    struct settle_cases *cases, const struct account *account)
{
    *cases = (struct settle_cases){.account = account};
    enum error error = spool_each_name(account->spool,
        account_folder(account, SPOOL_EXECUTING), visit_executing, cases);
    if (error == ERROR_NONE || error == ERROR_NOT_FOUND)
        error = spool_each_name(account->spool,
            account_folder(account, SPOOL_UNKNOWN), visit_unknown, cases);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND) {
        settle_cases_free(cases);
        return error;
    }
    if (cases->count > 0)
        qsort(cases->at, cases->count, sizeof *cases->at, compare_cases);
    return ERROR_NONE;
}

void settle_cases_free(struct settle_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        settle_mark_free(&cases->at[i].mark);
    free(cases->at);
    *cases = (struct settle_cases){.account = cases->account};
}
