/* SPDX-License-Identifier: MIT */
/* A file dropped into pending/42: the first line of the input is its name, the
 * rest the file. It is queued under a name that it agrees with, or rejected
 * with a reason, or left; never lost. */
#include "fuzz.h"

#include "drop.h"
#include "find.h"
#include "name.h"
#include "task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether it can be the name of a file that a poll takes for a drop. */
static bool is_name(const char *text)
{
    return name_is_json(text) && strchr(text, '/') == NULL &&
           strlen(text) <= SPOOL_NAME_MAX;
}

static void expect_task(const struct drop_file *drop)
{
    struct task_name name;
    struct task task;
    struct task_fault fault;
    struct task_place place;
    fuzz_require(name_parse_queued(drop->queued.text, &name) == ERROR_NONE);
    struct path path =
        account_path(&drop->account, SPOOL_PENDING, drop->queued.text);
    fuzz_require(
        task_load(&drop->account, path, &name, &task, &fault) == ERROR_NONE);
    task_free(&task);
    fuzz_require(find_task(&drop->account, name.id, &place) == ERROR_NONE &&
                 place.state == TASK_PENDING);
}

static enum error count_name(void *context, const char *name)
{
    size_t *count = context;
    (void)name;
    ++*count;
    return ERROR_NONE;
}

static size_t count_names(enum spool_directory directory)
{
    size_t count = 0;
    spool_each_name(
        &fuzz_root()->spool, path_of(directory), count_name, &count);
    return count;
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part rest = {text, length};
    const struct fuzz_root *root = fuzz_root();
    char *name = fuzz_string(fuzz_take_line(&rest));
    char path[SPOOL_NAME_MAX + 32];
    if (is_name(name)) {
        struct drop_file drop = {.folder = 42,
            .name = name,
            .path = path_in_user(SPOOL_PENDING, 42, name),
            .created = INT64_C(1733565600000000)};
        fuzz_clear_spool();
        spool_make_user(&root->spool, SPOOL_PENDING, 42);
        snprintf(path, sizeof path, "spool/pending/42/%s", name);
        fuzz_put(path, rest);
        enum drop_fate fate =
            drop_file_route(&root->spool, &root->config, &drop);
        if (fate == DROP_ROUTED)
            expect_task(&drop);
        else if (fate == DROP_REJECTED)
            fuzz_require(count_names(SPOOL_REJECTED) == 2);
        fuzz_require(fate != DROP_GONE && count_names(SPOOL_TMP) == 0);
    }
    free(name);
}
