/* SPDX-License-Identifier: MIT */
/* POST /api/account/change: gives up the seller's account at Vinted, so that
 * another may take its place; what mv of users/42.json does by hand. */
#include "pages.h"

#include "account.h"
#include "backlog.h"
#include "body.h"
#include "buffer.h"
#include "error.h"
#include "file_fault.h"
#include "ingest.h"
#include "json.h"
#include "json_write.h"
#include "pause.h"
#include "problem.h"
#include "seller.h"

#include <limits.h>

/* A queue that pauses for another reason does so still. */
static enum error write_state(struct program *program)
{
    struct pause pause;
    struct buffer *out = &program->reply.body;
    enum error error = pause_read(&program->account, &pause);
    if (error != ERROR_NONE && error != ERROR_NOT_FOUND)
        return error;
    buffer_append_byte(out, '{');
    json_member_null(out, "account");
    pause_write(out, error == ERROR_NONE ? &pause : NULL);
    buffer_append_text(out, "}\n");
    return ERROR_NONE;
}

/* What has come in so far is the old account's, and goes into its catalogue.
 * Of what a plugin has only what may be repeated comes back to the queue: that
 * makes nothing new, and the products of one account are not another's. */
static void change(struct program *program)
{
    unsigned taken;
    struct backlog backlog;
    enum error error = ingest_user(&program->account, UINT_MAX, &taken);
    if (error == ERROR_NONE)
        error = backlog_read(&program->account, &backlog);
    if (error == ERROR_NONE)
        error = seller_change(&program->account, backlog.pending > 0);
    if (error == ERROR_NONE)
        error = write_state(program);
    if (error != ERROR_NONE)
        file_fault_set(program, error, seller_path(&program->account),
            "Changing the account");
}

static void answer(struct program *program)
{
    struct buffer text = BUFFER_EMPTY;
    struct json_document document;
    if (!body_read_object(program, false, &text, &document))
        return;
    if (program_body_user(program, json_root(&document)) != 0)
        change(program);
    json_free(&document);
    buffer_free(&text);
}

const struct page page_account = {"account", answer, false};
