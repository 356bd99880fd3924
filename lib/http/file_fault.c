/* SPDX-License-Identifier: MIT */
#include "file_fault.h"

#include "account.h"
#include "body.h"
#include "find.h"
#include "stuck.h"
#include "task.h"

#include <stdio.h>

/* With a path of the spool and a few words. */
enum {
    DOING_SIZE = SPOOL_PATH_MAX + 60
};

static bool is_of_file(enum error error)
{
    return task_is_spoilt(error) || stuck_is_kind(error);
}

static void set_named(struct program *program, enum error error,
    struct path path, const char *doing)
{
    char named[DOING_SIZE];
    account_stuck(&program->account, path, error);
    snprintf(named, sizeof named, "%s (%s)", doing, path.text);
    body_set_error(program, error, named);
}

static bool is_of_folder(
    const struct program *program, enum error error, struct path *folder)
{
    return stuck_is_kind(error) &&
           stuck_find_closed(&program->spool, program->account.user, folder);
}

void file_fault_set(struct program *program, enum error error, struct path path,
    const char *doing)
{
    struct path folder;
    if (!is_of_file(error))
        body_set_error(program, error, doing);
    else if (is_of_folder(program, error, &folder))
        set_named(program, error, folder, doing);
    else
        set_named(program, error, path, doing);
}

void file_fault_set_folder(
    struct program *program, enum error error, const char *doing)
{
    struct path folder;
    if (is_of_folder(program, error, &folder))
        set_named(program, error, folder, doing);
    else
        body_set_error(program, error, doing);
}

void file_fault_set_task(
    struct program *program, enum error error, const char *doing)
{
    struct task_place place;
    if (is_of_file(error) &&
        find_task(&program->account, program->id, &place) == ERROR_NONE)
        file_fault_set(program, error, place.path, doing);
    else
        file_fault_set_folder(program, error, doing);
}
