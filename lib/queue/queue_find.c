/* SPDX-License-Identifier: MIT */
#include "queue_find.h"

#include "buffer.h"
#include "error.h"
#include "file.h"
#include "name.h"
#include "path.h"
#include "queue_index.h"
#include "spool.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The queued name in the line that `at` points into. */
static enum error parse_line(
    const char *text, const char *at, struct task_name *task)
{
    char name[NAME_LENGTH_MAX];
    while (at > text && at[-1] != '\n')
        at--;
    size_t length = strcspn(at, "\n");
    if (length >= sizeof name)
        return ERROR_SYNTAX;
    memcpy(name, at, length);
    name[length] = '\0';
    return name_parse_queued(name, task);
}

static enum error look_for(
    const struct account *account, const struct task_name *task)
{
    struct name name = name_format_queued(task);
    return file_look(account->spool->directory,
        account_path(account, SPOOL_PENDING, name.text).text);
}

/* Looks for "-ID." in the lines; that may also stand within a longer ID. */
static enum error search_lines(const struct account *account, const char *text,
    const char *id, struct task_name *found)
{
    char needle[ID_LENGTH_MAX + 3];
    snprintf(needle, sizeof needle, "-%s.", id);
    const char *at = strstr(text, needle);
    for (; at != NULL; at = strstr(at + 1, needle)) {
        if (parse_line(text, at, found) != ERROR_NONE ||
            strcmp(found->id, id) != 0)
            continue;
        enum error error = look_for(account, found);
        if (error != ERROR_NOT_FOUND)
            return error;
    }
    return ERROR_NOT_FOUND;
}

static enum error search_index(const struct account *account,
    const struct queue_index *index, const char *id, struct task_name *found)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = queue_index_names(index, &text);
    if (error == ERROR_NONE)
        error = search_lines(account, buffer_text(&text), id, found);
    buffer_free(&text);
    /* Programs that change the folder and the index meanwhile make it differ
     * from what was opened: then nothing was proved. */
    if (error == ERROR_NOT_FOUND && !queue_index_agrees(account, index))
        return ERROR_BUSY;
    return error;
}

enum error queue_find(
    const struct account *account, const char *id, struct task_name *found)
{
    struct queue_index index;
    if (queue_index_open(account, &index) != ERROR_NONE)
        return ERROR_BUSY;
    enum error error = ERROR_BUSY;
    if (queue_index_agrees(account, &index))
        error = search_index(account, &index, id, found);
    queue_index_close(&index);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? error : ERROR_BUSY;
}
