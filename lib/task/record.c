/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "action.h"
#include "clock.h"
#include "file.h"
#include "json_write.h"
#include "utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 4096 /* bytes read at a time: most records are shorter */
};

static const char unknown[] = "unknown";
static const char found[] = "found";
static const char not_found[] = "not found";

/* --- Words --------------------------------------------------------------- */

bool record_gives_way(enum record_word standing, enum record_word word)
{
    return standing != WORD_FAILED && standing != WORD_COMPLETED &&
           standing < word;
}

enum record_word record_find_word(const struct verdict *verdict)
{
    if (verdict->completed)
        return verdict->settled ? WORD_FOUND : WORD_COMPLETED;
    if (verdict->settled)
        return WORD_NOT_FOUND;
    if (verdict->declared != NULL)
        return WORD_DECLARED;
    return verdict->unknown ? WORD_UNKNOWN : WORD_FAILED;
}

bool record_is_unknown(struct json_value record)
{
    return json_string_equals(json_member(record, "status"), "failed") &&
           json_string_equals(json_member(record, "outcome"), unknown);
}

/* The word that a record holds; what is not ours in it was written by hand. */
static enum record_word read_word(struct json_value record)
{
    struct json_value settled = json_member(record, "settled");
    const struct verdict verdict = {
        .completed =
            json_string_equals(json_member(record, "status"), "completed"),
        .declared = json_is(json_member(record, "declared"), JSON_ABSENT)
                        ? NULL
                        : unknown,
        .unknown = record_is_unknown(record),
        .settled = json_string_equals(settled, found) ||
                   json_string_equals(settled, not_found),
    };
    return record_find_word(&verdict);
}

/* --- Writing ------------------------------------------------------------- */

static void write_error(struct buffer *out, const char *error, size_t length)
{
    struct buffer cut = BUFFER_EMPTY;
    if (error == NULL) {
        json_write_text(out, NULL);
        return;
    }
    utf8_append_cut(&cut, error, length, RECORD_ERROR_MAX);
    json_write_string(out, buffer_text(&cut), cut.length);
    out->failed = out->failed || cut.failed;
    buffer_free(&cut);
}

static void write_raw_or_null(
    struct buffer *out, const char *json, size_t length)
{
    if (json == NULL)
        json_write_text(out, NULL);
    else
        json_write_raw(out, json, length);
}

static void write_moment(struct buffer *out, const char *key, int64_t moment)
{
    char text[CLOCK_ISO_LENGTH + 1];
    buffer_append_format(out, ",\n  \"%s\": ", key);
    if (moment != 0)
        clock_format_iso(text, moment);
    json_write_text(out, moment == 0 ? NULL : text);
}

static void write_time_taken(struct buffer *out, int64_t milliseconds)
{
    buffer_append_text(out, ",\n  \"execution_time_ms\": ");
    if (milliseconds < 0)
        json_write_text(out, NULL);
    else
        json_write_integer(out, milliseconds);
}

static void write_outcome(struct buffer *out, const struct verdict *verdict)
{
    if (verdict->settled)
        buffer_append_format(out, ",\n  \"settled\": \"%s\"",
            verdict->completed ? found : not_found);
    else if (verdict->unknown)
        buffer_append_format(out, ",\n  \"outcome\": \"%s\"", unknown);
}

/* What plugins of the guide do not tell of is not there, rather than null: a
 * record of theirs is what it always was. */
static void write_told(
    struct buffer *out, const struct task *task, const struct verdict *verdict)
{
    if (verdict->partial != NULL &&
        action_ingest(task->name.action, task->draft.params) == INGEST_LIST) {
        buffer_append_text(out, ",\n  \"partial\": ");
        write_error(out, verdict->partial, verdict->partial_length);
    }
    if (verdict->account != NULL) {
        buffer_append_text(out, ",\n  \"account\": ");
        json_write_raw(out, verdict->account, verdict->account_length);
    }
    if (verdict->requests > 0) {
        buffer_append_text(out, ",\n  \"requests\": ");
        json_write_integer(out, verdict->requests);
    }
}

/* The result comes last: a reader with cat or head meets the small members
 * first, however long the list of products is. */
void record_write(struct buffer *out, const struct task *task,
    const struct verdict *verdict, int64_t completed_at)
{
    buffer_append_text(out, "{\n");
    task_write_members(
        out, task->user, &task->name, &task->draft, task->timeout);
    buffer_append_format(out, ",\n  \"status\": \"%s\"",
        verdict->completed ? "completed" : "failed");
    buffer_append_text(out, ",\n  \"error\": ");
    write_error(out, verdict->error, verdict->error_length);
    if (verdict->declared != NULL) {
        buffer_append_format(
            out, ",\n  \"declared\": \"%s\"", verdict->declared);
    }
    write_outcome(out, verdict);
    write_moment(out, "started_at", task->claimed);
    write_moment(out, "completed_at", completed_at);
    buffer_append_text(out, ",\n  \"executed_at\": ");
    write_raw_or_null(out, verdict->executed_at, verdict->executed_at_length);
    write_time_taken(out, verdict->execution_time_ms);
    write_told(out, task, verdict);
    buffer_append_format(
        out, ",\n  \"attempts\": %d,\n  \"leases\": ", task->attempts);
    write_raw_or_null(out, verdict->leases, verdict->leases_length);
    buffer_append_text(out, ",\n  \"result\": ");
    write_raw_or_null(out, verdict->result, verdict->result_length);
    buffer_append_text(out, "\n}\n");
}

/* --- Reading ------------------------------------------------------------- */

static enum error read_head(struct json_value record, struct record_head *head)
{
    struct draft draft;
    struct draft_fault fault;
    draft_init(&draft);
    enum error error = draft_read(&draft, record, &fault);
    if (error == ERROR_MEMORY)
        return error;
    if (error != ERROR_NONE || draft.user == 0 || draft.action[0] == '\0' ||
        json_moment(json_member(record, "completed_at"), &head->completed_at) !=
            ERROR_NONE)
        return ERROR_SYNTAX;
    head->user = draft.user;
    memcpy(head->id, draft.id, sizeof head->id);
    memcpy(head->action, draft.action, sizeof head->action);
    head->completed =
        json_string_equals(json_member(record, "status"), "completed");
    head->unknown = record_is_unknown(record);
    head->word = read_word(record);
    head->ingest = head->completed ? action_ingest(head->action,
                                         json_member(record, "params"))
                                   : INGEST_NONE;
    return ERROR_NONE;
}

/* What every record has. Less may be what an editor left of one. */
static bool is_record(struct json_value record)
{
    struct json_value status = json_member(record, "status");
    return json_is(json_member(record, "task_id"), JSON_STRING) &&
           (json_string_equals(status, "completed") ||
               json_string_equals(status, "failed"));
}

enum error record_open(const struct spool *spool, struct path path,
    struct buffer *text, struct json_document *document)
{
    struct json_fault fault;
    enum error error =
        file_read(spool->directory, path.text, file_no_limit, text, NULL);
    if (error == ERROR_NONE)
        error =
            json_parse_own(document, buffer_text(text), text->length, &fault);
    if (error == ERROR_NONE && !is_record(json_root(document))) {
        json_free(document);
        error = ERROR_SYNTAX;
    }
    if (error != ERROR_NONE)
        buffer_free(text);
    return error;
}

/* Priority and age, which a live task has in its name, stand in the record. */
static enum error read_task(
    struct task *task, struct json_value record, const char *id)
{
    struct draft *draft = &task->draft;
    struct task_name *name = &task->name;
    struct draft_fault fault;
    draft_init(draft);
    enum error error = draft_read(draft, record, &fault);
    if (error == ERROR_MEMORY)
        return error;
    if (error != ERROR_NONE || strcmp(draft->id, id) != 0 ||
        json_moment(json_member(record, "created_at"), &name->created) !=
            ERROR_NONE)
        return ERROR_SYNTAX;
    name->priority = draft->priority;
    memcpy(name->action, draft->action, sizeof name->action);
    memcpy(name->id, draft->id, sizeof name->id);
    json_moment(json_member(record, "started_at"), &task->claimed);
    task->timeout = draft->timeout;
    task->attempts = draft->attempts;
    return ERROR_NONE;
}

enum error record_load_head(
    const struct spool *spool, struct path path, struct record_head *head)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    enum error error = record_open(spool, path, &text, &document);
    if (error != ERROR_NONE)
        return error;
    error = read_head(json_root(&document), head);
    json_free(&document);
    buffer_free(&text);
    return error;
}

enum error record_load_task(const struct account *account, struct path path,
    const char *id, struct task *task)
{
    *task = (struct task){.user = account->user, .text = BUFFER_EMPTY};
    enum error error =
        record_open(account->spool, path, &task->text, &task->document);
    if (error != ERROR_NONE)
        return error;
    error = read_task(task, json_root(&task->document), id);
    if (error != ERROR_NONE)
        task_free(task);
    return error;
}

/* --- What stands before the result --------------------------------------- */

/* A walk through JSON text that knows no more than where strings, members of
 * the outermost object and their keys begin. */
struct walk {
    size_t at; /* in the text: up to here it was walked */
    size_t depth;
    bool in_string;
    bool escaped;
    size_t string; /* where the last string of the outermost object began */
    size_t comma;  /* where its last comma stands, or its brace */
};

static bool is_result(const char *text, const struct walk *walk)
{
    static const char key[] = "\"result\"";
    return walk->depth == 1 &&
           strncmp(text + walk->string, key, sizeof key - 1) == 0;
}

static void step_in_string(struct walk *walk, char byte)
{
    walk->in_string = walk->escaped || byte != '"';
    walk->escaped = !walk->escaped && byte == '\\';
}

/* Goes on to the end of the text. True if the key "result" was met; the
 * members before it end at walk->comma. */
static bool walk_on(struct walk *walk, const char *text, size_t length)
{
    for (; walk->at < length; walk->at++) {
        char byte = text[walk->at];
        if (walk->in_string) {
            step_in_string(walk, byte);
        } else if (byte == '"') {
            walk->in_string = true;
            if (walk->depth == 1)
                walk->string = walk->at;
        } else if (byte == '{' || byte == '[') {
            if (walk->depth++ == 0)
                walk->comma = walk->at;
        } else if (byte == '}' || byte == ']') {
            walk->depth--;
        } else if (byte == ':' && is_result(text, walk)) {
            return true;
        } else if (byte == ',' && walk->depth == 1) {
            walk->comma = walk->at;
        }
    }
    return false;
}

/* Reads on. ERROR_NOT_FOUND at the end of the file. */
static enum error read_piece(int descriptor, struct buffer *out)
{
    char *to = buffer_reserve(out, PIECE);
    if (to == NULL)
        return ERROR_MEMORY;
    ssize_t count;
    do {
        count = read(descriptor, to, PIECE);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return error_from_errno(errno);
    to[count] = '\0';
    out->length += (size_t)count;
    return count > 0 ? ERROR_NONE : ERROR_NOT_FOUND;
}

static enum error read_brief(int descriptor, struct buffer *out)
{
    struct walk walk = {.at = out->length, .comma = out->length};
    for (;;) {
        enum error error = read_piece(descriptor, out);
        if (error == ERROR_NOT_FOUND)
            return ERROR_NONE; /* the whole file is the head */
        if (error != ERROR_NONE)
            return error;
        if (!walk_on(&walk, out->data, out->length))
            continue;
        /* Where "result" is the first member, its brace stays. */
        out->length = walk.comma + (out->data[walk.comma] == '{');
        buffer_append_text(out, "\n}\n");
        return out->failed ? ERROR_MEMORY : ERROR_NONE;
    }
}

enum error record_read_brief(
    const struct spool *spool, struct path path, struct buffer *out)
{
    struct stat status;
    int descriptor = openat(spool->directory, path.text,
        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ELOOP ? ERROR_TYPE : error_from_errno(errno);
    enum error error = ERROR_NONE;
    if (fstat(descriptor, &status) != 0)
        error = error_from_errno(errno);
    else if (!S_ISREG(status.st_mode))
        error = ERROR_TYPE;
    if (error == ERROR_NONE)
        error = read_brief(descriptor, out);
    close(descriptor);
    return error;
}

/* --- Comparing ----------------------------------------------------------- */

static enum error compare_buffers(
    const struct buffer *a, const struct buffer *b)
{
    if (a->failed || b->failed)
        return ERROR_MEMORY;
    bool same = a->length == b->length &&
                memcmp(buffer_text(a), buffer_text(b), a->length) == 0;
    return same ? ERROR_NONE : ERROR_EXISTS;
}

/* What is stored with what is said, white space between tokens aside. */
static enum error compare(struct json_value stored, const struct buffer *said)
{
    struct buffer text = BUFFER_EMPTY;
    size_t length;
    const char *raw = json_raw(stored, &length);
    json_write_compact(&text, raw, length);
    enum error error = compare_buffers(&text, said);
    buffer_free(&text);
    return error;
}

enum error record_compare(
    struct json_value record, const struct verdict *verdict)
{
    struct json_value status = json_member(record, "status");
    struct buffer said = BUFFER_EMPTY;
    /* Who does not know contradicts nobody who does. */
    if (verdict->unknown && json_is_given(json_member(record, "settled")))
        return ERROR_NONE;
    if (json_string_equals(status, "completed") != verdict->completed)
        return ERROR_EXISTS;
    if (verdict->result == NULL)
        json_write_text(&said, NULL);
    else
        json_write_compact(&said, verdict->result, verdict->result_length);
    enum error error = compare(json_member(record, "result"), &said);
    buffer_clear(&said);
    write_error(&said, verdict->error, verdict->error_length);
    if (error == ERROR_NONE)
        error = compare(json_member(record, "error"), &said);
    buffer_free(&said);
    return error;
}

/* Records of before there was such a member say nothing of leases. */
bool record_fits_lease(struct json_value record, const char *lease)
{
    struct json_value leases = json_member(record, "leases");
    if (lease[0] == '\0' || !json_is(leases, JSON_ARRAY))
        return true;
    for (struct json_value one = json_first(leases); !json_is(one, JSON_ABSENT);
        one = json_next(one)) {
        if (json_string_equals(one, lease))
            return true;
    }
    return false;
}
