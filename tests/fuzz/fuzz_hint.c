/* SPDX-License-Identifier: MIT */
/* Small files that a person may have put there or spoilt: what a plugin said of
 * a task, why a queue is paused, who the seller is. */
#include "fuzz.h"

#include "json.h"
#include "pause.h"
#include "progress.h"
#include "seller.h"

#include <string.h>

static void expect_object(struct buffer *members)
{
    struct json_document document;
    struct json_fault fault;
    buffer_append_byte(members, '}');
    fuzz_require(json_parse(&document, members->data, members->length,
                     &fault) == ERROR_NONE);
    json_free(&document);
    buffer_clear(members);
    buffer_append_byte(members, '{');
}

static bool same_progress(const struct progress *a, const struct progress *b)
{
    return (a->done < 0 ? -1 : a->done) == (b->done < 0 ? -1 : b->done) &&
           (a->total < 0 ? -1 : a->total) == (b->total < 0 ? -1 : b->total) &&
           a->message_length == b->message_length &&
           memcmp(a->message, b->message, a->message_length) == 0 &&
           a->at == b->at;
}

static void try_progress(struct fuzz_part text, struct buffer *out)
{
    const struct account *account = &fuzz_root()->account;
    struct lease_name lease = {.lease = "abc", .task = {.id = "t1"}};
    struct progress progress;
    struct progress again;
    fuzz_put("spool/progress/42/t1.json", text);
    if (progress_load(account, &lease, &progress) != ERROR_NONE)
        return;
    progress_write(out, &progress);
    expect_object(out);
    fuzz_require(progress_store(account, &lease, &progress) == ERROR_NONE);
    fuzz_require(progress_load(account, &lease, &again) == ERROR_NONE);
    fuzz_require(same_progress(&progress, &again));
}

static void try_pause(struct fuzz_part text, struct buffer *out)
{
    struct pause pause;
    fuzz_put("spool/pending/42/PAUSED", text);
    fuzz_require(pause_read(&fuzz_root()->account, &pause) == ERROR_NONE);
    fuzz_require(pause.reason[0] != '\0');
    fuzz_require(strpbrk(pause.reason, "\r\n") == NULL);
    pause_write(out, &pause);
    expect_object(out);
}

static void try_seller(struct fuzz_part text)
{
    uint64_t number = 0;
    fuzz_put("spool/users/42.json", text);
    fuzz_require(seller_look_up(&fuzz_root()->account, &number) == ERROR_NONE);
}

void fuzz_one(const char *text, size_t length)
{
    const struct fuzz_root *root = fuzz_root();
    struct fuzz_part part = {text, length};
    struct buffer out = BUFFER_EMPTY;
    spool_make_user(&root->spool, SPOOL_PROGRESS, 42);
    spool_make_user(&root->spool, SPOOL_PENDING, 42);
    buffer_append_byte(&out, '{');
    try_progress(part, &out);
    try_pause(part, &out);
    try_seller(part);
    buffer_free(&out);
}
