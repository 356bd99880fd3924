/* SPDX-License-Identifier: MIT */
/* A sweep's way through users and folders, which goes on where the last one had
 * to stop. */
#include "sweep_duty.h"

#include "buffer.h"
#include "clock.h"
#include "file.h"
#include "number.h"
#include "spool_part.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COLUMNS = 5,                                  /* of a line of the file */
    NAMES_AT_ONCE = 16,                           /* before the time is asked */
    COURSE_MOST = SWEEP_DUTIES * SWEEP_WALKS * 72 /* bytes of its file */
};

static struct path course_path(void)
{
    return path_in(SPOOL_INDEX, "sweeper.at");
}

/* Takes the numbers of a line, of which a blank or the line's end follows each.
 * False if they are not all there. */
static bool take_line(const char **line, int64_t numbers[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t length = strcspn(*line, " \n");
        if ((*line)[length] == '\0' ||
            number_parse(*line, length, &numbers[i]) != ERROR_NONE)
            return false;
        *line += length + 1;
    }
    return true;
}

/* A line for each place: duty, walk, user, step, position. What is lost or torn
 * is as good as any: what is passed over is met the next time round. */
bool sweep_course_read(struct sweep *sweep)
{
    struct buffer text = BUFFER_EMPTY;
    int64_t at[COLUMNS];
    enum error error = file_read(
        sweep->spool->directory, course_path().text, COURSE_MOST, &text, NULL);
    const char *line = buffer_text(&text);
    while (error == ERROR_NONE && take_line(&line, at) && at[0] >= 0 &&
           at[0] < SWEEP_DUTIES && at[1] >= 0 && at[1] < SWEEP_WALKS)
        sweep->course.places[at[0]][at[1]] =
            (struct sweep_place){at[2], at[3], at[4]};
    buffer_free(&text);
    return error == ERROR_NONE;
}

static void append_place(struct buffer *out, size_t duty, size_t walk,
    const struct sweep_place *place)
{
    if (place->user != 0 || place->step != 0 || place->position != 0)
        buffer_append_format(out,
            "%zu %zu %" PRId64 " %" PRId64 " %" PRId64 "\n", duty, walk,
            place->user, place->step, place->position);
}

void sweep_course_write(const struct sweep *sweep, bool goes_on)
{
    struct buffer text = BUFFER_EMPTY;
    for (size_t duty = 0; duty < SWEEP_DUTIES; duty++) {
        for (size_t walk = 0; walk < SWEEP_WALKS; walk++)
            append_place(&text, duty, walk, &sweep->course.places[duty][walk]);
    }
    int descriptor = -1;
    if (text.length > 0)
        descriptor = spool_open_file(sweep->spool, course_path(), SPOOL_INDEX,
            O_WRONLY | O_TRUNC | O_NONBLOCK);
    else if (goes_on)
        file_remove(sweep->spool->directory, course_path().text);
    if (descriptor >= 0) {
        ssize_t count = write(descriptor, buffer_text(&text), text.length);
        (void)count; /* torn: as good as any */
        close(descriptor);
    }
    buffer_free(&text);
}

void sweep_begin_duty(struct sweep *sweep, size_t duty)
{
    sweep->course.duty = duty;
    sweep->course.walk = 0;
}

bool sweep_is_over(const struct sweep *sweep)
{
    return clock_steady() >= sweep->until;
}

static struct sweep_place *begin_walk(struct sweep *sweep)
{
    struct sweep_course *course = &sweep->course;
    struct sweep_place *place = &course->places[course->duty][course->walk];
    if (course->walk + 1 < SWEEP_WALKS)
        course->walk++;
    course->cut = false;
    course->step = 0;
    return place;
}

/* --- Users ---------------------------------------------------------------- */

struct user_list {
    int64_t *users;
    size_t count;
    size_t capacity;
};

static enum error add_user(void *context, int64_t user)
{
    struct user_list *list = context;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        int64_t *users = realloc(list->users, capacity * sizeof *users);
        if (users == NULL)
            return ERROR_MEMORY;
        list->users = users;
        list->capacity = capacity;
    }
    list->users[list->count++] = user;
    return ERROR_NONE;
}

static int compare_users(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* One user's turn, from where the last sweep stopped in it. */
static enum error visit_user(struct sweep *sweep, int64_t user,
    account_function *function, void *context)
{
    struct sweep_place *place = sweep->course.place;
    const struct account account = {sweep->spool, sweep->config, user};
    if (place->user != user)
        *place = (struct sweep_place){.user = user};
    sweep->course.step = 0;
    return function(context, &account);
}

static enum error visit_users(struct sweep *sweep, const struct user_list *list,
    account_function *function, void *context)
{
    struct sweep_place *place = sweep->course.place;
    size_t first = 0;
    while (first < list->count && list->users[first] < place->user)
        first++;
    for (size_t i = 0; i < list->count; i++) {
        int64_t user = list->users[(first + i) % list->count];
        if (i > 0 && sweep_is_over(sweep)) {
            *place = (struct sweep_place){.user = user};
            return ERROR_NONE;
        }
        enum error error = visit_user(sweep, user, function, context);
        if (error != ERROR_NONE || sweep->course.cut)
            return error;
    }
    *place = (struct sweep_place){0};
    return ERROR_NONE;
}

void sweep_each(struct sweep *sweep, enum spool_directory directory,
    account_function *function, void *context)
{
    struct user_list list = {NULL, 0, 0};
    sweep->course.place = begin_walk(sweep);
    enum error error =
        spool_each_user(sweep->spool, directory, add_user, &list);
    if (list.count > 1)
        qsort(list.users, list.count, sizeof *list.users, compare_users);
    if (error == ERROR_NONE)
        error = visit_users(sweep, &list, function, context);
    sweep_met(sweep, error);
    free(list.users);
    sweep->course.place = NULL;
}

/* --- Names ---------------------------------------------------------------- */

struct name_walk {
    const struct sweep *sweep;
    spool_name_function *function;
    void *context;
    unsigned met;
};

static enum error visit_name(void *context, const char *name)
{
    struct name_walk *walk = context;
    if (++walk->met % NAMES_AT_ONCE == 0 && sweep_is_over(walk->sweep))
        return ERROR_BUSY;
    return walk->function(walk->context, name);
}

/* Through one folder, which the last sweep may have left at place->position. */
static enum error walk_names(struct sweep *sweep, struct sweep_place *place,
    struct path folder, struct name_walk *walk)
{
    int64_t step = sweep->course.step++;
    struct spool_part part = {0, SIZE_MAX};
    if (sweep->course.cut)
        return ERROR_BUSY;
    if (step < place->step)
        return ERROR_NONE; /* the last sweep has come to its end */
    if (step == place->step)
        part.position = place->position;
    enum error error =
        spool_part_each_name(sweep->spool, folder, &part, visit_name, walk);
    sweep->course.cut = error == ERROR_BUSY && sweep_is_over(sweep);
    place->step = step;
    place->position = sweep->course.cut ? part.position : 0;
    return error;
}

enum error sweep_each_name(struct sweep *sweep, struct path folder,
    spool_name_function *function, void *context)
{
    struct name_walk walk = {sweep, function, context, 0};
    struct sweep_place *place = sweep->course.place;
    enum error error = walk_names(
        sweep, place == NULL ? begin_walk(sweep) : place, folder, &walk);
    sweep_met(sweep, error);
    return error;
}
