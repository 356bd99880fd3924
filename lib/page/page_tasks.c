/* SPDX-License-Identifier: MIT */
/* GET /api/tasks: a user's tasks in all states or in one. */
#include "pages.h"

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "file_fault.h"
#include "find.h"
#include "json_write.h"
#include "number.h"
#include "problem.h"
#include "query.h"
#include "task_list.h"

#include <stdint.h>
#include <string.h>

enum {
    LIMIT_MAX = 500,
    LIMIT_DEFAULT = 50,
    STATES = TASK_FAILED + 1
};

static bool read_status(struct program *program, struct task_list *list)
{
    const char *text = query_get(&program->request.query, "status");
    for (int state = 0; state < STATES; state++) {
        if (text == NULL ||
            strcmp(text, task_state_text((enum task_state)state)) == 0)
            list->states |= 1U << state;
    }
    return list->states != 0 ||
           problem_refuse(&program->reply, "status",
               "must be pending, executing, completed or failed");
}

static bool read_limit(struct program *program, struct task_list *list)
{
    const char *text = query_get(&program->request.query, "limit");
    int64_t limit = LIMIT_DEFAULT;
    if (text != NULL &&
        (number_parse(text, strlen(text), &limit) != ERROR_NONE || limit < 1 ||
            limit > LIMIT_MAX))
        return problem_refuse(
            &program->reply, "limit", "must be a whole number from 1 to 500");
    list->limit = (size_t)limit;
    return true;
}

static bool read_cursor(struct program *program, struct task_list *list)
{
    const char *text = query_get(&program->request.query, "cursor");
    list->cursor = text == NULL ? "" : text;
    return text == NULL || task_list_cursor_is_valid(text) ||
           problem_refuse(
               &program->reply, "cursor", "is none that an answer gave");
}

static void write_list(struct program *program, struct task_list *list)
{
    struct buffer tasks = BUFFER_EMPTY;
    struct buffer *out = &program->reply.body;
    enum error error = task_list_write(list, &tasks);
    if (error == ERROR_NONE) {
        buffer_append_text(out, "{\"tasks\":[");
        buffer_append(out, buffer_text(&tasks), tasks.length);
        buffer_append_byte(out, ']');
        json_member_text(
            out, "next_cursor", list->next[0] == '\0' ? NULL : list->next);
        buffer_append_text(out, "}\n");
    } else {
        file_fault_set_folder(program, error, "Listing the tasks");
    }
    buffer_free(&tasks);
}

static void answer(struct program *program)
{
    struct task_list list = {.account = &program->account};
    if (program_user(program) != 0 && read_status(program, &list) &&
        read_limit(program, &list) && read_cursor(program, &list))
        write_list(program, &list);
}

const struct page page_tasks = {"tasks", answer, false};
