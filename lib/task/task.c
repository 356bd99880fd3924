/* SPDX-License-Identifier: MIT */
#include "task.h"

#include "clock.h"
#include "file.h"
#include "json_write.h"
#include "limit.h"
#include "stamp.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum error refuse(struct task_fault *fault, const char *reason)
{
    snprintf(fault->reason, sizeof fault->reason, "%s", reason);
    return ERROR_SYNTAX;
}

static enum error read_object(const struct json_document *document,
    struct draft *draft, struct task_fault *fault)
{
    struct draft_fault member;
    if (!json_is(json_root(document), JSON_OBJECT))
        return refuse(fault, "it is JSON, but not an object");
    draft_init(draft);
    enum error error = draft_read(draft, json_root(document), &member);
    if (error == ERROR_NONE || error == ERROR_MEMORY)
        return error;
    snprintf(fault->reason, sizeof fault->reason, "\"%s\" %s", member.member,
        member.reason);
    return ERROR_SYNTAX;
}

enum error task_parse(const struct buffer *text, struct json_document *document,
    struct draft *draft, struct task_fault *fault, bool *unparsable)
{
    struct json_fault where;
    enum error error =
        json_parse_own(document, buffer_text(text), text->length, &where);
    if (unparsable != NULL)
        *unparsable = error == ERROR_SYNTAX;
    if (error == ERROR_SYNTAX || error == ERROR_TOO_LARGE) {
        snprintf(fault->reason, sizeof fault->reason,
            "it is not JSON: %s at byte %zu", where.reason, where.offset);
    }
    if (error != ERROR_NONE)
        return error;
    error = read_object(document, draft, fault);
    if (error != ERROR_NONE)
        json_free(document);
    return error;
}

static enum error disagree(struct task_fault *fault, const char *member,
    const char *have, const char *want)
{
    snprintf(fault->reason, sizeof fault->reason,
        "its \"%s\" is \"%s\", and its name says \"%s\"", member, have, want);
    return ERROR_SYNTAX;
}

static enum error check_agreement(
    const struct task *task, struct task_fault *fault)
{
    const struct draft *draft = &task->draft;
    if (strcmp(draft->action, task->name.action) != 0)
        return disagree(fault, "action", draft->action, task->name.action);
    if (draft->id[0] != '\0' && strcmp(draft->id, task->name.id) != 0)
        return disagree(fault, "task_id", draft->id, task->name.id);
    if (draft->user != 0 && draft->user != task->user)
        return refuse(fault, "its \"user_id\" is not that of its folder");
    return ERROR_NONE;
}

/* A proper prefix of a JSON object is none, nor is one with zeros in it. */
static void explain_torn(struct task_fault *fault)
{
    size_t length = strlen(fault->reason);
    snprintf(fault->reason + length, sizeof fault->reason - length,
        "; if the power went while it was being created, nobody was told that "
        "it had been");
}

static enum error parse_and_check(struct task *task, struct task_fault *fault)
{
    enum error error = task_parse(
        &task->text, &task->document, &task->draft, fault, &fault->is_torn);
    if (fault->is_torn)
        explain_torn(fault);
    if (error == ERROR_TOO_LARGE)
        return ERROR_SYNTAX; /* as a task it can never be read */
    if (error != ERROR_NONE)
        return error;
    error = check_agreement(task, fault);
    if (error != ERROR_NONE)
        json_free(&task->document);
    return error;
}

void task_from_name(struct task *task, const struct account *account,
    const struct task_name *name)
{
    *task = (struct task){
        .user = account->user, .name = *name, .text = BUFFER_EMPTY};
    draft_init(&task->draft);
    task->attempts = name->generation + 1;
    task->timeout = config_rules(account->config, name->action).timeout;
}

static enum error read_file(const struct account *account, struct path path,
    struct task *task, struct stat *status, struct task_fault *fault)
{
    enum error error = file_read(account->spool->directory, path.text,
        file_no_limit, &task->text, status);
    if (error == ERROR_TYPE)
        snprintf(fault->reason, sizeof fault->reason, "it is no regular file");
    else if (error == ERROR_TOO_LARGE)
        snprintf(fault->reason, sizeof fault->reason,
            "it is larger than what can be read");
    return error;
}

enum error task_load(const struct account *account, struct path path,
    const struct task_name *name, struct task *task, struct task_fault *fault)
{
    struct stat status;
    task_from_name(task, account, name);
    fault->is_torn = false;
    enum error error = read_file(account, path, task, &status, fault);
    if (error == ERROR_NONE)
        error = parse_and_check(task, fault);
    fault->is_young = fault->is_torn && stamp_is_young(&status, clock_now(),
                                            account->config->settle);
    if (error != ERROR_NONE) {
        buffer_free(&task->text);
        return error;
    }
    task->attempts += task->draft.attempts;
    if (task->draft.timeout > 0)
        task->timeout = task->draft.timeout;
    task->claimed = clock_from_timespec(status.st_mtim);
    task->is_linked = status.st_nlink > 1;
    return ERROR_NONE;
}

enum error task_check_length(size_t length)
{
    uint64_t most = limit_file();
    return length < most && most - length >= RECORD_ROOM ? ERROR_NONE
                                                         : ERROR_FILE_LIMIT;
}

bool task_is_spoilt(enum error error)
{
    return error == ERROR_SYNTAX || error == ERROR_TYPE ||
           error == ERROR_TOO_LARGE;
}

bool task_is_retried(const struct task *task)
{
    struct json_value file = json_root(&task->document);
    return !json_is(json_member(file, "status"), JSON_ABSENT);
}

void task_free(struct task *task)
{
    json_free(&task->document);
    buffer_free(&task->text);
}

void task_set_pending(struct task *task)
{
    task->attempts--;
    if (task->name.generation == 0)
        task->claimed = 0;
}

int64_t task_created_at(const struct task_name *name, const struct draft *draft)
{
    bool is_due = name->generation > 0 || name->created == draft->not_before;
    return draft->created != 0 && is_due ? draft->created : name->created;
}

static int64_t moment_after(const struct task_name *name, int seconds)
{
    return seconds > 0 ? name->created + (seconds * clock_second) : INT64_MAX;
}

int64_t task_expiry_by_rule(
    const struct config *config, const struct task_name *name)
{
    return moment_after(name, config_rules(config, name->action).expire);
}

int64_t task_expiry(const struct config *config, const struct task *task)
{
    int64_t rule = task_expiry_by_rule(config, &task->name);
    int64_t own = moment_after(&task->name, task->draft.expires_in);
    return own < rule ? own : rule;
}

/* What a task has only where somebody asked for it. */
static void write_wishes(struct buffer *out, const struct draft *draft)
{
    char moment[CLOCK_ISO_LENGTH + 1];
    size_t length;
    if (draft->not_before != 0) {
        clock_format_iso(moment, draft->not_before);
        buffer_append_format(out, "  \"not_before\": \"%s\",\n", moment);
    }
    if (draft->expires_in > 0) {
        buffer_append_format(out, "  \"expires_in\": %d,\n", draft->expires_in);
    }
    if (draft->retries >= 0)
        buffer_append_format(out, "  \"retries\": %d,\n", draft->retries);
    if (draft->request_digest[0] != '\0') {
        buffer_append_format(
            out, "  \"request_digest\": \"%s\",\n", draft->request_digest);
    }
    if (json_is(draft->then, JSON_OBJECT)) {
        const char *then = json_raw(draft->then, &length);
        buffer_append_text(out, "  \"then\": ");
        json_write_raw(out, then, length);
        buffer_append_text(out, ",\n");
    }
}

void task_write_members(struct buffer *out, int64_t user,
    const struct task_name *name, const struct draft *draft, int timeout)
{
    char created[CLOCK_ISO_LENGTH + 1];
    size_t length;
    const char *params = draft_params(draft, &length);
    clock_format_iso(created, task_created_at(name, draft));
    buffer_append_format(out, "  \"task_id\": \"%s\",\n", name->id);
    buffer_append_format(out, "  \"user_id\": %lld,\n", (long long)user);
    buffer_append_format(out, "  \"action\": \"%s\",\n", name->action);
    buffer_append_text(out, "  \"params\": ");
    json_write_raw(out, params, length);
    buffer_append_format(out, ",\n  \"priority\": %d,\n", name->priority);
    if (timeout > 0)
        buffer_append_format(out, "  \"timeout\": %d,\n", timeout);
    write_wishes(out, draft);
    buffer_append_format(out, "  \"created_at\": \"%s\"", created);
}
