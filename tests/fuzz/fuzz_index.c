/* SPDX-License-Identifier: MIT */
/* index/42.queue, torn or old: the first line of the input is "raw", and the
 * rest the file as it is; or the numbers of a header, which is then written
 * with the checksums that make it ours, over the rest as the lines. Whatever
 * comes of it is a name, or an error. */
#include "fuzz.h"

#include "file.h"
#include "queue_filter.h"
#include "queue_ids.h"
#include "queue_index.h"
#include "queue_lines.h"
#include "queue_sum.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file[] = "spool/index/42.queue";
static const int64_t now = INT64_C(1733565600000000);

static void expect_name(const char *text)
{
    struct task_name task;
    fuzz_require(name_parse_queued(text, &task) == ERROR_NONE);
}

/* As a poll goes through it: some names are taken, others left. */
static enum error walk(struct queue_index *index, struct queue_lines *lines)
{
    struct queue_filter filter;
    enum error error;
    unsigned count = 0;
    queue_filter_init(&filter, now);
    queue_lines_begin(lines, index);
    while ((error = queue_lines_next(lines, index, &filter)) == ERROR_NONE &&
           lines->name[0] != '\0') {
        struct task_name task;
        int64_t before = lines->next;
        expect_name(lines->name);
        name_parse_queued(lines->name, &task);
        if (count % 3 == 0)
            fuzz_require(queue_lines_use(lines, index) == ERROR_NONE);
        else
            queue_lines_skip(lines, index, &filter,
                count % 3 == 1 && queue_filter_hold_back(&filter, task.action));
        fuzz_require(lines->next > before);
        count++;
    }
    queue_lines_end_stretch(lines, index, &filter);
    return error;
}

static void take_arrivals(struct queue_index *index, struct queue_lines *lines)
{
    struct name_list names = NAME_LIST_EMPTY;
    if (queue_lines_arrivals(lines, index, &names) == ERROR_NONE) {
        for (size_t i = 0; i < names.count; i++) {
            char name[NAME_LENGTH_MAX];
            name_list_copy(&names, i, name, sizeof name);
            expect_name(name);
            fuzz_require(
                queue_lines_use_arrival(lines, index, name) == ERROR_NONE);
        }
    }
    name_list_free(&names);
}

static void try_index(void)
{
    struct queue_index index;
    struct queue_lines lines = {0};
    struct task_name found;
    const struct account *account = &fuzz_root()->account;
    queue_index_init(&index, account);
    if (queue_index_open(&index) == ERROR_NONE) {
        int64_t end = index.sorted_end;
        if (walk(&index, &lines) == ERROR_NONE) {
            fuzz_require(index.head <= index.sorted_end);
            take_arrivals(&index, &lines);
            fuzz_require(queue_index_save(&index) == ERROR_NONE);
        }
        fuzz_require(index.sorted_end == end);
    }
    queue_index_close(&index);
    queue_lines_free(&lines);
    enum error error = queue_ids_find(account, "t1", &found);
    fuzz_require(error == ERROR_BUSY || error == ERROR_NOT_FOUND);
}

/* Of the lines that the header says there are. */
static void sum_lines(struct queue_index *index, struct fuzz_part lines)
{
    int64_t most = (int64_t)lines.length + QUEUE_INDEX_HEADER_SIZE;
    if (index->sorted_end < QUEUE_INDEX_HEADER_SIZE || index->end > most ||
        index->end < index->sorted_end)
        return;
    size_t sorted = (size_t)(index->sorted_end - QUEUE_INDEX_HEADER_SIZE);
    index->sorted_sum = queue_sum_lines(lines.text, sorted);
    index->arrivals_sum = queue_sum_lines(
        lines.text + sorted, (size_t)(index->end - index->sorted_end));
}

/* Puts a header of these numbers before the lines. */
static void put_header(char *numbers, struct fuzz_part lines)
{
    struct queue_index index;
    char path[sizeof fuzz_root()->path + 64];
    queue_index_init(&index, &fuzz_root()->account);
    int64_t *const members[] = {&index.head, &index.sorted_end, &index.end,
        &index.live, &index.stretch.start, &index.stretch.end};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        *members[i] = strtoll(numbers, &numbers, 10);
    index.stretch.actions = strtoull(numbers, NULL, 10);
    sum_lines(&index, lines);
    snprintf(path, sizeof path, "%s/%s", fuzz_root()->path, file);
    index.descriptor = open(path, O_RDWR | O_CLOEXEC);
    fuzz_require(index.descriptor >= 0);
    fuzz_require(queue_index_save(&index) == ERROR_NONE);
    queue_index_close(&index);
}

static void put_lines(struct fuzz_part lines)
{
    struct buffer text = BUFFER_EMPTY;
    char *blank = buffer_reserve(&text, QUEUE_INDEX_HEADER_SIZE);
    fuzz_require(blank != NULL);
    memset(blank, ' ', QUEUE_INDEX_HEADER_SIZE);
    text.length = QUEUE_INDEX_HEADER_SIZE;
    buffer_append(&text, lines.text, lines.length);
    fuzz_put(file, (struct fuzz_part){text.data, text.length});
    buffer_free(&text);
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part rest = {text, length};
    char *first = fuzz_string(fuzz_take_line(&rest));
    fuzz_root();
    if (strcmp(first, "raw") == 0) {
        fuzz_put(file, rest);
    } else {
        put_lines(rest);
        put_header(first, rest);
    }
    try_index();
    free(first);
}
