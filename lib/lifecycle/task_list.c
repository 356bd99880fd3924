/* SPDX-License-Identifier: MIT */
#include "task_list.h"

#include "clock.h"
#include "done_index.h"
#include "find.h"
#include "queue_page.h"
#include "selection.h"
#include "stamp.h"
#include "stuck.h"
#include "summary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* One part of the list: what lies in one folder. */
struct part {
    char letter; /* begins its cursors */
    enum spool_directory directory;
    unsigned states;
    spool_name_function *offer; /* its context is a struct walk; NULL: by
                                 * done_index_each */
    enum error (*write)(const struct task_list *list, const char *name,
        struct buffer *out); /* ERROR_NOT_FOUND: not there any more */
};

enum {
    READINGS_MOST = 3, /* of a folder that changes all the time */
    RENEWALS_MOST = 4  /* of one lease meanwhile */
};

struct walk {
    const struct task_list *list;
    struct selection *selection;
};

/* What orders tasks that are not finished: their queued name without what
 * changes when one is requeued, cut from the name itself, since there may be
 * 100,000 of them. The text is that of a name that could be parsed. */
static struct name live_key(const char *queued, const struct task_name *task)
{
    struct name key;
    size_t length = strlen(queued) - strlen(".json");
    memcpy(key.text, queued, length);
    key.text[length] = '\0';
    if (task->generation > 0)
        *strrchr(key.text, '.') = '\0';
    return key;
}

/* The queued name within an executing one: behind DEADLINE and LEASE. */
static const char *queued_part(const char *executing)
{
    return strchr(strchr(executing, '-') + 1, '-') + 1;
}

static enum error offer_executing(void *context, const char *name)
{
    struct walk *walk = context;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) == ERROR_NONE) {
        struct name key = live_key(queued_part(name), &lease.task);
        selection_offer(walk->selection, key.text, name);
    }
    return ERROR_NONE;
}

static enum error offer_pending(void *context, const char *name)
{
    struct walk *walk = context;
    struct task_name task;
    if (name_parse_queued(name, &task) == ERROR_NONE)
        selection_offer(walk->selection, live_key(name, &task).text, name);
    return ERROR_NONE;
}

static unsigned state_of(bool completed)
{
    return 1U << (completed ? TASK_COMPLETED : TASK_FAILED);
}

/* What cannot be looked at is told of and left out, and is no reason not to
 * list the others; a folder is. */
static enum error leave_out(
    const struct task_list *list, struct path path, enum error error)
{
    const struct account *account = list->account;
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error != ERROR_IO ||
        stuck_is_any_closed(account->spool, account->user, 1U << SPOOL_DONE))
        return error;
    account_stuck(account, path, error);
    return ERROR_NONE;
}

static bool offer_finished(void *context, const char *key, const char *name)
{
    const struct walk *walk = context;
    char id[ID_LENGTH_MAX + 1];
    bool completed;
    if (name_parse_done(name, id, &completed) != ERROR_NONE ||
        (walk->list->states & state_of(completed)) == 0)
        return false;
    selection_offer(walk->selection, key, name);
    return strcmp(key, walk->selection->after) > 0;
}

static enum error leave_finished(
    void *context, struct path path, enum error error)
{
    const struct walk *walk = context;
    return leave_out(walk->list, path, error);
}

/* A pending name of a task that is executing is debris, too. */
static enum error strike_executing(void *context, const char *name)
{
    struct walk *walk = context;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) == ERROR_NONE) {
        struct name key = live_key(queued_part(name), &lease.task);
        selection_strike(walk->selection, key.text);
    }
    return ERROR_NONE;
}

/* ERROR_NOT_FOUND also where the name stands beside a record: it is debris. */
static enum error write_live(const struct task_list *list,
    const struct task_place *place, struct buffer *out)
{
    enum error error =
        find_undone(list->account, place->lease.task.id, WORD_DECLARED);
    if (error == ERROR_EXISTS)
        return ERROR_NOT_FOUND;
    if (error != ERROR_NONE)
        return leave_out(list, place->path, error);
    return summary_write_live(out, list->account, place, false);
}

/* Once more, under the name it has now. `moving`: it may have another one
 * again. A reading that met none while names came or went says nothing; what is
 * met under the name it had is not written for another reason. */
static enum error write_renewed(const struct task_list *list, const char *id,
    struct task_place *place, struct buffer *out, bool *moving)
{
    const struct account *account = list->account;
    struct path folder = account_folder(account, SPOOL_EXECUTING);
    struct path before = place->path;
    int64_t since = clock_last();
    enum error error = find_executing(account, id, place);
    *moving = error == ERROR_NOT_FOUND &&
              !stamp_is_quiet(account->spool, folder, since);
    if (error != ERROR_NONE)
        return error;
    if (strcmp(place->path.text, before.text) == 0)
        return ERROR_NOT_FOUND;
    error = write_live(list, place, out);
    *moving = error == ERROR_NOT_FOUND;
    return error;
}

/* Between the listing and now the name may have changed with the deadline, and
 * may do so again. */
static enum error write_executing(
    const struct task_list *list, const char *name, struct buffer *out)
{
    struct task_place place = {.state = TASK_EXECUTING,
        .path = account_path(list->account, SPOOL_EXECUTING, name)};
    if (name_parse_executing(name, &place.lease) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    char id[ID_LENGTH_MAX + 1];
    memcpy(id, place.lease.task.id, sizeof id);
    enum error error = write_live(list, &place, out);
    bool moving = error == ERROR_NOT_FOUND;
    for (int i = 0; i < RENEWALS_MOST && moving; i++)
        error = write_renewed(list, id, &place, out, &moving);
    return error;
}

static enum error write_pending(
    const struct task_list *list, const char *name, struct buffer *out)
{
    struct task_place place = {.state = TASK_PENDING,
        .path = account_path(list->account, SPOOL_PENDING, name)};
    if (name_parse_queued(name, &place.lease.task) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    return write_live(list, &place, out);
}

/* Of two records the completed one counts. */
static enum error write_finished(
    const struct task_list *list, const char *name, struct buffer *out)
{
    char id[ID_LENGTH_MAX + 1];
    bool completed;
    struct task_place place;
    if (name_parse_done(name, id, &completed) != ERROR_NONE)
        return ERROR_NOT_FOUND;
    enum error error = find_done(list->account, id, &place);
    if (error != ERROR_NONE || 1U << place.state != state_of(completed))
        return error == ERROR_NONE ? ERROR_NOT_FOUND : error;
    return summary_write_finished(out, list->account, id, &place);
}

static const struct part parts[] = {
    {'e', SPOOL_EXECUTING, 1U << TASK_EXECUTING, offer_executing,
        write_executing},
    {'p', SPOOL_PENDING, 1U << TASK_PENDING, offer_pending, write_pending},
    {'f', SPOOL_DONE, 1U << TASK_COMPLETED | 1U << TASK_FAILED, NULL,
        write_finished},
};

enum {
    PARTS = sizeof parts / sizeof parts[0]
};

/* The part that a cursor leads into; PARTS if none. */
static size_t find_part(const char *cursor)
{
    size_t i = 0;
    while (i < PARTS && parts[i].letter != cursor[0])
        i++;
    return i;
}

bool task_list_cursor_is_valid(const char *text)
{
    return text[0] != '\0' && find_part(text) < PARTS && text[1] == '.' &&
           strlen(text) < TASK_CURSOR_SIZE;
}

static enum error write_entry(const struct task_list *list,
    const struct part *part, const char *name, struct buffer *out)
{
    size_t before = out->length;
    if (out->length > 0 && out->data[out->length - 1] == '}')
        buffer_append_byte(out, ',');
    size_t start = out->length;
    enum error error =
        name[0] == '\0' ? ERROR_NOT_FOUND : part->write(list, name, out);
    if (out->length == start && !out->failed)
        out->length = before; /* the comma was for nothing */
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

/* Writes the entries that find room and counts them off; where one more is
 * left, sets the cursor. */
static enum error write_part(struct task_list *list, const struct part *part,
    const struct selection *selection, size_t *room, struct buffer *out)
{
    enum error error = ERROR_NONE;
    size_t i = 0;
    for (; i < selection->count && *room > 0 && error == ERROR_NONE; i++) {
        error = write_entry(list, part, selection->entries[i].name, out);
        snprintf(list->next, sizeof list->next, "%c.%s", part->letter,
            selection->entries[i].key);
        --*room;
    }
    return error;
}

/* Offers what lies in the folder; no folder holds nothing. */
static enum error walk_folder(const struct task_list *list,
    enum spool_directory directory, spool_name_function *visit,
    struct selection *selection)
{
    struct walk walk = {list, selection};
    enum error error = spool_each_name(list->account->spool,
        account_folder(list->account, directory), visit, &walk);
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}

static enum error select_finished(
    const struct task_list *list, struct selection *selection)
{
    struct walk walk = {list, selection};
    const struct done_visitor visitor = {
        .context = &walk, .offer = offer_finished, .leave_out = leave_finished};
    return done_index_each(
        list->account, selection->after, selection->most, &visitor);
}

/* Of a deep queue what may come to stand on the page. ERROR_BUSY: the folder
 * is to be read. */
static enum error offer_indexed(const struct task_list *list,
    const struct part *part, struct selection *selection)
{
    struct walk walk = {list, selection};
    return queue_page_offer(
        list->account, selection->after, selection->most, part->offer, &walk);
}

static enum error select_part(const struct task_list *list,
    const struct part *part, struct selection *selection)
{
    enum error error = ERROR_BUSY;
    if (part->directory == SPOOL_DONE)
        error = select_finished(list, selection);
    if (part->directory == SPOOL_PENDING)
        error = offer_indexed(list, part, selection);
    if (error == ERROR_BUSY)
        error = walk_folder(list, part->directory, part->offer, selection);
    selection_sort(selection);
    if (error == ERROR_NONE && part->directory == SPOOL_PENDING)
        error = walk_folder(list, SPOOL_EXECUTING, strike_executing, selection);
    return error;
}

/* A name that moves while its folder is read may be missed. One that is renewed
 * does so and stays where it was, so executing/42 is read again. */
static bool is_read(const struct task_list *list, const struct part *part,
    int64_t since, int times)
{
    return part->directory != SPOOL_EXECUTING || times == READINGS_MOST ||
           stamp_is_quiet(list->account->spool,
               account_folder(list->account, part->directory), since);
}

static enum error open_part(const struct task_list *list,
    const struct part *part, const char *after, size_t most,
    struct selection *selection)
{
    for (int times = 1;; times++) {
        int64_t since = clock_last();
        enum error error = selection_open(selection, most, after);
        if (error != ERROR_NONE)
            return error;
        error = select_part(list, part, selection);
        if (error == ERROR_NONE && is_read(list, part, since, times))
            return error;
        selection_close(selection);
        if (error != ERROR_NONE)
            return error;
    }
}

static enum error take_part(struct task_list *list, const struct part *part,
    const char *after, size_t *room, bool *more, struct buffer *out)
{
    struct selection selection;
    enum error error = open_part(list, part, after, *room + 1, &selection);
    if (error != ERROR_NONE)
        return error;
    /* A folder whose names move while it is read may list one of them twice;
     * the two take the place of one that is left. */
    *more = selection.count > *room || selection.cut;
    error = write_part(list, part, &selection, room, out);
    selection_close(&selection);
    return error;
}

enum error task_list_write(struct task_list *list, struct buffer *out)
{
    size_t room = list->limit;
    bool more = false;
    enum error error = ERROR_NONE;
    bool begun = list->cursor[0] != '\0';
    size_t first = begun ? find_part(list->cursor) : 0;
    list->next[0] = '\0';
    for (size_t i = first; i < PARTS && !more && error == ERROR_NONE; i++) {
        if ((parts[i].states & list->states) == 0)
            continue;
        error = take_part(list, &parts[i],
            begun && i == first ? list->cursor + 2 : "", &room, &more, out);
    }
    if (!more)
        list->next[0] = '\0';
    return error;
}
