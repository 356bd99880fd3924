/* SPDX-License-Identifier: MIT */
#include "queue_ids.h"

#include "clock.h"
#include "file.h"
#include "queue_lines.h"
#include "spool_shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ACTION_AT = 4 + CLOCK_STAMP_LENGTH + 1, /* in a queued name */
    ENTRIES = 340,                          /* of a block */
    FILL = 170,    /* entries of a block on average: hardly one ever is full */
    CANDIDATES = 8 /* lines whose hash is that of one ID, or action */
};

/* Those that are looked for by their action: what a sync is made of. */
static const char *const sought[] = {"get_all_products", "get_user_data"};

struct entry {
    uint32_t hash; /* of the ID, or of the action */
    uint32_t line; /* hash of all that the line says */
    uint32_t offset;
};

struct block {
    uint64_t sum;
    uint32_t blocks;
    uint32_t count; /* more than ENTRIES: not all are here */
    struct entry entries[ENTRIES];
};

_Static_assert(
    sizeof(struct block) == QUEUE_IDS_BLOCK, "a block is a page, without gaps");

static uint64_t mix(uint64_t sum, uint64_t number)
{
    sum = (sum ^ number) * UINT64_C(1099511628211);
    return sum ^ sum >> 32;
}

static uint64_t hash_of(const char *id, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < length; i++)
        hash = mix(hash, (unsigned char)id[i]);
    return hash;
}

static uint64_t place_of(uint64_t hash, uint64_t blocks)
{
    return (hash >> 32) % blocks;
}

static uint64_t sum_of(
    const struct queue_index *index, const struct block *block, uint64_t number)
{
    uint64_t sum = mix(index->sorted_sum, (uint64_t)index->sorted_end);
    sum = mix(mix(sum, number), block->blocks);
    sum = mix(sum, block->count);
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *entry = &block->entries[i];
        sum = mix(sum, (uint64_t)entry->hash << 32 | entry->offset);
        sum = mix(sum, entry->line);
    }
    return sum;
}

/* The ID within a queued name: behind the '-' that ends its action, up to the
 * first dot. */
static const char *id_in(const char *name, size_t length, size_t *id_length)
{
    const char *end = name + length;
    if (length <= ACTION_AT)
        return NULL;
    const char *dash =
        memchr(name + ACTION_AT, '-', (size_t)(end - name) - ACTION_AT);
    if (dash == NULL)
        return NULL;
    const char *dot = memchr(dash, '.', (size_t)(end - dash));
    if (dot == NULL)
        return NULL;
    *id_length = (size_t)(dot - dash) - 1;
    return dash + 1;
}

/* --- Making it ------------------------------------------------------------ */

static struct path ids_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "ids");
}

struct blocks {
    struct block *at;
    uint64_t count;
    size_t sought[sizeof sought / sizeof sought[0]]; /* how many there are */
};

static void enter(struct blocks *blocks, uint64_t hash, struct name_slice name,
    int64_t offset)
{
    struct block *block = &blocks->at[place_of(hash, blocks->count)];
    if (block->count < ENTRIES)
        block->entries[block->count] = (struct entry){(uint32_t)hash,
            (uint32_t)hash_of(name.text, name.length), (uint32_t)offset};
    block->count++;
}

/* One more than can be told shows that there are too many. */
static void enter_action(
    struct blocks *blocks, struct name_slice name, int64_t offset)
{
    for (size_t i = 0; i < sizeof sought / sizeof sought[0]; i++) {
        size_t length = strlen(sought[i]);
        if (name.length > ACTION_AT + length &&
            memcmp(name.text + ACTION_AT, sought[i], length) == 0 &&
            name.text[ACTION_AT + length] == '-' &&
            blocks->sought[i]++ <= CANDIDATES)
            enter(blocks, hash_of(sought[i], length), name, offset);
    }
}

static void fill(struct blocks *blocks, const struct name_list *names)
{
    int64_t offset = QUEUE_INDEX_HEADER_SIZE;
    for (size_t i = 0; i < names->count; i++) {
        size_t length = 0;
        struct name_slice name = name_list_get(names, i);
        const char *id = id_in(name.text, name.length, &length);
        enter(blocks, id == NULL ? 0 : hash_of(id, length), name, offset);
        enter_action(blocks, name, offset);
        offset += (int64_t)name.length + 1;
    }
}

static void write_blocks(
    const struct account *account, const struct block *blocks, uint64_t count)
{
    const char *bytes = (const char *)blocks;
    size_t left = (size_t)count * sizeof *blocks;
    int descriptor = spool_open_file(account->spool, ids_path(account),
        SPOOL_INDEX, O_WRONLY | O_TRUNC | O_NONBLOCK);
    while (descriptor >= 0 && left > 0) {
        ssize_t written = write(descriptor, bytes, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            break; /* in part: that shows */
        bytes += written;
        left -= (size_t)written;
    }
    if (descriptor >= 0)
        close(descriptor);
}

void queue_ids_build(
    const struct queue_index *index, const struct name_list *names)
{
    uint64_t count = (names->count / FILL) + 1;
    struct block *blocks = NULL;
    if (index->sorted_end <= UINT32_MAX)
        blocks = calloc((size_t)count, sizeof *blocks);
    if (blocks == NULL)
        return;
    fill(&(struct blocks){.at = blocks, .count = count}, names);
    for (uint64_t i = 0; i < count; i++) {
        blocks[i].blocks = (uint32_t)count;
        blocks[i].sum = sum_of(index, &blocks[i], i);
    }
    write_blocks(index->account, blocks, count);
    free(blocks);
}

void queue_ids_remove(const struct account *account)
{
    file_remove(account->spool->directory, ids_path(account).text);
}

/* --- Asking it ------------------------------------------------------------ */

/* What is looked for: the one task of an ID, or each task of an action. */
struct wanted {
    const char *id; /* NULL: an action */
    const char *action;
    struct task_name *found; /* the one of the ID */
    queue_ids_visit *visit;  /* each of the action */
    void *context;
    enum error stopped; /* what the visit has returned */
};

static const char *key_of(const struct wanted *wanted)
{
    return wanted->id != NULL ? wanted->id : wanted->action;
}

/* The lines that may be it. */
struct candidates {
    size_t count;
    struct entry entries[CANDIDATES];
};

/* False: it cannot be told. */
static bool collect(
    const struct block *block, uint64_t hash, struct candidates *candidates)
{
    candidates->count = 0;
    if (block->count > ENTRIES)
        return false;
    for (uint32_t i = 0; i < block->count; i++) {
        if (block->entries[i].hash != (uint32_t)hash)
            continue;
        if (candidates->count == CANDIDATES)
            return false;
        candidates->entries[candidates->count++] = block->entries[i];
    }
    return true;
}

static bool read_block(const struct queue_index *index, int descriptor,
    uint64_t hash, struct block *block)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || status.st_size < QUEUE_IDS_BLOCK)
        return false;
    uint64_t count = (uint64_t)status.st_size / QUEUE_IDS_BLOCK;
    uint64_t number = place_of(hash, count);
    ssize_t length = pread(
        descriptor, block, sizeof *block, (off_t)(number * QUEUE_IDS_BLOCK));
    return length == (ssize_t)sizeof *block && block->blocks == count &&
           block->sum == sum_of(index, block, number);
}

static bool find_candidates(const struct queue_index *index, const char *key,
    struct candidates *candidates)
{
    struct block block;
    uint64_t hash = hash_of(key, strlen(key));
    int descriptor =
        openat(index->account->spool->directory, ids_path(index->account).text,
            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool read = read_block(index, descriptor, hash, &block);
    close(descriptor);
    return read && collect(&block, hash, candidates);
}

static enum error look_for(
    const struct account *account, const struct task_name *task)
{
    struct name name = name_format_queued(task);
    return file_look(account->spool->directory,
        account_path(account, SPOOL_PENDING, name.text).text);
}

/* What a line says without its mark. */
struct line {
    char name[NAME_LENGTH_MAX];
    size_t length;
    bool used;
};

static bool read_line(struct line *line, struct name_slice text)
{
    line->length = text.length;
    if (text.length >= sizeof line->name)
        return false;
    memcpy(line->name, text.text, text.length);
    line->name[text.length] = '\0';
    line->used = queue_index_is_used(line->name, text.length);
    queue_index_unmark(line->name, text.length);
    return true;
}

/* ERROR_NOT_FOUND: on to the next. */
static enum error take(struct wanted *wanted, const struct task_name *name)
{
    if (wanted->id != NULL)
        *wanted->found = *name;
    else
        wanted->stopped = wanted->visit(wanted->context, name);
    return wanted->id != NULL || wanted->stopped != ERROR_NONE
               ? ERROR_NONE
               : ERROR_NOT_FOUND;
}

/* One that is used up may be there all the same: after a power loss the mark
 * may stand, and not the claim that it is of. What is not used up has to be
 * there: if not, the index lies, or a network file system hides it for a
 * moment, which is ERROR_BUSY. ERROR_NOT_FOUND: nor is it another's line. */
static enum error check_line(const struct account *account,
    const struct line *line, struct wanted *wanted)
{
    struct task_name name;
    if (name_parse_queued(line->name, &name) != ERROR_NONE ||
        strcmp(wanted->id != NULL ? name.id : name.action, key_of(wanted)) != 0)
        return ERROR_NOT_FOUND;
    enum error error = look_for(account, &name);
    if (error == ERROR_NONE)
        return take(wanted, &name);
    return error == ERROR_NOT_FOUND && !line->used ? ERROR_BUSY : error;
}

/* The line that `at` points into. */
static struct name_slice line_at(const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return (struct name_slice){at, strcspn(at, "\n")};
}

/* Looks for "-ID." in the lines, or "-ACTION-"; that may also stand within a
 * longer ID. */
static enum error search_lines(
    const struct account *account, const char *text, struct wanted *wanted)
{
    char needle[ID_LENGTH_MAX + 3];
    snprintf(needle, sizeof needle, "-%s%c", key_of(wanted),
        wanted->id != NULL ? '.' : '-');
    const char *at = strstr(text, needle);
    enum error missed = ERROR_NOT_FOUND;
    for (; at != NULL; at = strstr(at + 1, needle)) {
        struct line line;
        enum error error = read_line(&line, line_at(text, at))
                               ? check_line(account, &line, wanted)
                               : ERROR_NOT_FOUND;
        if (error == ERROR_BUSY)
            missed = error;
        else if (error != ERROR_NOT_FOUND)
            return error;
    }
    return missed;
}

/* ERROR_BUSY: also where it does not say what it said when all this was made:
 * it is torn, or what the disk held before. */
static enum error check_candidate(const struct queue_index *index,
    const struct entry *entry, struct wanted *wanted)
{
    struct line line;
    struct name_slice text;
    struct queue_lines lines = {0};
    enum error error = queue_lines_read(&lines, index, entry->offset, &text);
    bool whole = error == ERROR_NONE && read_line(&line, text) &&
                 (uint32_t)hash_of(line.name, line.length) == entry->line;
    queue_lines_free(&lines);
    if (!whole)
        return ERROR_BUSY;
    line.used = line.used || entry->offset < index->head;
    return check_line(index->account, &line, wanted);
}

/* Those of the sorted region. */
static enum error check_candidates(const struct queue_index *index,
    const struct candidates *candidates, struct wanted *wanted)
{
    enum error missed = ERROR_NOT_FOUND;
    for (size_t i = 0; i < candidates->count; i++) {
        enum error error =
            check_candidate(index, &candidates->entries[i], wanted);
        if (error == ERROR_BUSY)
            missed = error;
        else if (error != ERROR_NOT_FOUND)
            return error;
    }
    return missed;
}

typedef enum error read_function(
    const struct queue_index *index, struct buffer *out);

static enum error search_text(
    const struct queue_index *index, read_function *read, struct wanted *wanted)
{
    struct buffer text = BUFFER_EMPTY;
    enum error error = read(index, &text);
    if (error == ERROR_NONE)
        error = search_lines(index->account, buffer_text(&text), wanted);
    buffer_free(&text);
    return error;
}

static enum error search_index(
    const struct queue_index *index, struct wanted *wanted)
{
    struct candidates candidates;
    if (!find_candidates(index, key_of(wanted), &candidates))
        return search_text(index, queue_index_read, wanted);
    enum error error = search_text(index, queue_index_read_arrivals, wanted);
    return error == ERROR_NOT_FOUND
               ? check_candidates(index, &candidates, wanted)
               : error;
}

static enum error search(const struct account *account, struct wanted *wanted)
{
    struct queue_index index;
    queue_index_init(&index, account);
    if (queue_index_open(&index) != ERROR_NONE)
        return ERROR_BUSY;
    enum error error = ERROR_BUSY;
    if (queue_index_agrees(&index))
        error = search_index(&index, wanted);
    /* Programs that change the folder and the index meanwhile make it differ
     * from what was opened: then nothing was proved. Nor is it where another
     * machine's clock may give a change the mtime that is known, or none, or we
     * are not told of it for a moment. */
    if (error == ERROR_NOT_FOUND &&
        (!queue_index_agrees(&index) || spool_is_shared(account->spool)))
        error = ERROR_BUSY;
    queue_index_close(&index);
    return error == ERROR_NONE || error == ERROR_NOT_FOUND ? error : ERROR_BUSY;
}

enum error queue_ids_find(
    const struct account *account, const char *id, struct task_name *found)
{
    return search(account, &(struct wanted){.id = id, .found = found});
}

static bool is_sought(const char *action)
{
    for (size_t i = 0; i < sizeof sought / sizeof sought[0]; i++) {
        if (strcmp(sought[i], action) == 0)
            return true;
    }
    return false;
}

enum error queue_ids_each(const struct account *account, const char *action,
    queue_ids_visit *visit, void *context)
{
    struct wanted wanted = {
        .action = action, .visit = visit, .context = context};
    enum error error =
        is_sought(action) ? search(account, &wanted) : ERROR_BUSY;
    if (error == ERROR_NONE)
        return wanted.stopped;
    return error == ERROR_NOT_FOUND ? ERROR_NONE : error;
}
