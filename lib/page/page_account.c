/* SPDX-License-Identifier: MIT */
/* POST /api/account/change: gives up the seller's account at Vinted, so that
 * another may take its place; what mv of users/42.json does by hand. */
#include "pages.h"

#include "account.h"
#include "body.h"
#include "buffer.h"
#include "drop_list.h"
#include "error.h"
#include "file_fault.h"
#include "ingest.h"
#include "json.h"
#include "json_write.h"
#include "pause.h"
#include "problem.h"
#include "seller.h"
#include "spool.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

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

static enum error note_waiting(void *context, const char *name)
{
    bool *waits = context;
    *waits = *waits || strcmp(name, pause_name) != 0;
    return ERROR_NONE;
}

/* Whether the user has tasks: such as wait, dropped files too, and such as a
 * plugin has, which may put them off. What was dropped for whom it says inside
 * is routed, as before a poll. */
static enum error look_for_tasks(struct program *program, bool *waits)
{
    static const enum spool_directory folders[] = {
        SPOOL_PENDING, SPOOL_EXECUTING};
    struct drop_report drops;
    enum error error = drop_list_route_top(
        &program->spool, &program->config, drop_share_all, &drops);
    *waits = false;
    for (size_t i = 0; i < 2 && error == ERROR_NONE; i++) {
        error = spool_each_name(&program->spool,
            account_folder(&program->account, folders[i]), note_waiting, waits);
        if (error == ERROR_NOT_FOUND)
            error = ERROR_NONE;
    }
    return error;
}

/* What has come in so far is the old account's, and goes into its catalogue. */
static void change(struct program *program)
{
    unsigned taken;
    bool waits;
    enum error error = ingest_user(&program->account, UINT_MAX, &taken);
    if (error == ERROR_NONE)
        error = look_for_tasks(program, &waits);
    if (error == ERROR_NONE)
        error = seller_change(&program->account, waits);
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
