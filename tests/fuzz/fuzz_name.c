/* SPDX-License-Identifier: MIT */
/* File names and paths of URLs: a name that is understood is the one that is
 * written for what it says, and is of one kind only. */
#include "fuzz.h"

#include "name.h"
#include "photo_kind.h"
#include "route.h"

#include <stdlib.h>
#include <string.h>

static void expect_fields(const struct task_name *task)
{
    fuzz_require(action_is_valid(task->action, strlen(task->action)));
    fuzz_require(id_is_valid(task->id, strlen(task->id)));
    fuzz_require(task->priority >= 0 && task->priority <= PRIORITY_MAX);
    fuzz_require(task->generation >= 0 && task->generation <= GENERATION_MAX);
}

static void try_task_names(const char *text)
{
    struct task_name task;
    struct lease_name lease;
    bool queued = name_parse_queued(text, &task) == ERROR_NONE;
    bool executing = name_parse_executing(text, &lease) == ERROR_NONE;
    fuzz_require(!queued || !executing);
    if (queued) {
        expect_fields(&task);
        fuzz_require(strcmp(name_format_queued(&task).text, text) == 0);
    }
    if (executing) {
        expect_fields(&lease.task);
        fuzz_require(lease_is_valid(lease.lease, strlen(lease.lease)));
        fuzz_require(strcmp(name_format_executing(&lease).text, text) == 0);
    }
    if (queued || executing)
        fuzz_require(name_is_json(text) && strlen(text) < NAME_LENGTH_MAX);
}

static void try_grammars(const char *text, size_t length)
{
    if (receive_id_is_valid(text, length))
        fuzz_require(lease_is_valid(text, length));
    if (lease_is_valid(text, length))
        fuzz_require(action_is_valid(text, length));
    if (action_is_valid(text, length))
        fuzz_require(id_is_valid(text, length));
    if (!id_is_valid(text, length))
        return;
    fuzz_require(memchr(text, '/', length) == NULL);
    fuzz_require(name_is_json(name_format_done(text, true).text));
    fuzz_require(name_is_json(name_format_done(text, false).text));
}

/* No part of a path that is taken leads out of its folder. */
static void try_route(const char *path)
{
    static const enum method methods[] = {
        METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_OTHER};
    struct route_match match;
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        route_find(&match, methods[i], path);
        if (match.route == NULL)
            continue;
        fuzz_require((match.allowed & (unsigned)methods[i]) != 0);
        fuzz_require(
            match.id[0] == '\0' || id_is_valid(match.id, strlen(match.id)));
        fuzz_require(
            match.photo[0] == '\0' ||
            photo_kind_of_name(match.photo, strlen(match.photo)) != NULL);
    }
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part part = {text, length};
    char *string = fuzz_string(part);
    try_task_names(string);
    try_route(string);
    if (photo_kind_of_name(text, length) != NULL)
        fuzz_require(length <= PHOTO_NAME_LENGTH_MAX);
    try_grammars(string, strlen(string));
    free(string);
}
