/* SPDX-License-Identifier: MIT */
/* The body of a result: the record that is made of it says the same, its brief
 * is a part of it, and what is told of it to others is JSON. */
#include "fuzz.h"

#include "block.h"
#include "execute_answer.h"
#include "json.h"
#include "program.h"
#include "record.h"
#include "result_read.h"

#include <string.h>

static void make_task(struct task *task)
{
    struct task_name name = {.priority = 5,
        .created = INT64_C(1733565600000000),
        .action = "get_stats",
        .id = "t1"};
    task_from_name(task, &fuzz_root()->account, &name);
    task->claimed = name.created;
}

static void expect_json(const struct buffer *text)
{
    struct json_document document;
    struct json_fault fault;
    fuzz_require(!text->failed && json_parse(&document, buffer_text(text),
                                      text->length, &fault) == ERROR_NONE);
    json_free(&document);
}

static void try_answers(struct json_value record)
{
    static execute_answer *const answers[] = {
        execute_answer_user, execute_answer_one, execute_answer_list};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct reply reply;
        reply_init(&reply);
        answers[i](&reply, record);
        expect_json(&reply.body);
        reply_free(&reply);
    }
}

/* Every member before "result" stands in the brief as it does in the record. */
static void expect_brief(
    struct json_value record, const struct buffer *brief, bool ours)
{
    struct json_document document;
    struct json_fault fault;
    fuzz_require(json_parse(&document, buffer_text(brief), brief->length,
                     &fault) == ERROR_NONE);
    struct json_value want = json_first(record);
    struct json_value have = json_first(json_root(&document));
    for (; !json_is(have, JSON_ABSENT); have = json_next(have)) {
        size_t want_length;
        size_t have_length;
        const char *want_text = json_raw(want, &want_length);
        const char *have_text = json_raw(have, &have_length);
        fuzz_require(want_length == have_length &&
                     memcmp(want_text, have_text, want_length) == 0);
        want = json_next(want);
    }
    fuzz_require(!ours || json_has_key(want, "result"));
    json_free(&document);
}

static void try_file(const struct buffer *text, bool ours)
{
    struct path place = {"done/42/t1.completed.json"};
    struct buffer brief = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    struct record_head head;
    struct task task;
    const struct fuzz_root *root = fuzz_root();
    spool_make_user(&root->spool, SPOOL_DONE, 42);
    fuzz_put("spool/done/42/t1.completed.json",
        (struct fuzz_part){buffer_text(text), text->length});
    enum error error = record_load_head(&root->spool, place, &head);
    fuzz_require(!ours || error == ERROR_NONE);
    fuzz_require(error != ERROR_NONE || (head.user >= 1 && head.id[0] != '\0'));
    error = record_load_task(&root->account, place, "t1", &task);
    fuzz_require(!ours || error == ERROR_NONE);
    if (error == ERROR_NONE)
        task_free(&task);
    fuzz_require(record_read_brief(&root->spool, place, &brief) == ERROR_NONE);
    if (json_parse(&document, buffer_text(text), text->length, &fault) ==
        ERROR_NONE) {
        if (json_is(json_root(&document), JSON_OBJECT))
            expect_brief(json_root(&document), &brief, ours);
        try_answers(json_root(&document));
        json_free(&document);
    }
    buffer_free(&brief);
}

static void expect_agreement(
    const struct buffer *record, const struct verdict *verdict)
{
    struct json_document document;
    struct json_fault fault;
    fuzz_require(json_parse(&document, record->data, record->length, &fault) ==
                 ERROR_NONE);
    fuzz_require(record_compare(json_root(&document), verdict) == ERROR_NONE);
    json_free(&document);
}

static void try_body(struct json_value body)
{
    static struct program program;
    struct result_body result;
    struct task task;
    struct buffer record = BUFFER_EMPTY;
    reply_init(&program.reply);
    if (result_read(&program, body, &result)) {
        make_task(&task);
        record_write(
            &record, &task, &result.verdict, INT64_C(1733565700000000));
        expect_agreement(&record, &result.verdict);
        try_file(&record, true);
        task_free(&task);
    } else {
        expect_json(&program.reply.body);
    }
    result_free(&result);
    reply_free(&program.reply);
    buffer_free(&record);
}

void fuzz_one(const char *text, size_t length)
{
    struct json_document document;
    struct json_fault fault;
    struct buffer file = BUFFER_EMPTY;
    buffer_append(&file, text, length);
    try_file(&file, false);
    if (json_parse(&document, text, length, &fault) == ERROR_NONE) {
        block_judge(json_root(&document));
        if (json_is(json_root(&document), JSON_OBJECT))
            try_body(json_root(&document));
        json_free(&document);
    }
    buffer_free(&file);
}
