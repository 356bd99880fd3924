/* SPDX-License-Identifier: MIT */
#include "done_base.h"

#include "clock.h"
#include "file.h"
#include "limit.h"
#include "queue_sum.h"
#include "stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD = 2 * DONE_NUMBER, /* of a block: its sum, the making's number */
    FILE_MOST = 64 << 20,   /* bytes */
    MET = '+'               /* for a key's dash */
};

struct path done_base_path(const struct account *account)
{
    return account_file(account, SPOOL_INDEX, "done");
}

/* --- Keys ----------------------------------------------------------------- */

void done_key_format(
    char key[DONE_KEY_SIZE], const struct stat *status, const char *name)
{
    static const int64_t second = 1000000000;
    static const int64_t most = (INT64_MAX / 1000000000) - 1;
    int64_t seconds = status->st_mtim.tv_sec;
    seconds = seconds < 0 ? 0 : seconds;
    seconds = seconds > most ? most : seconds;
    snprintf(key, DONE_KEY_SIZE, "%019" PRId64 "-%s",
        INT64_MAX - (seconds * second) - status->st_mtim.tv_nsec, name);
}

bool done_key_next(const char *end, const char **at, struct name_slice *key)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    if (newline == NULL)
        return false;
    *key = (struct name_slice){*at, (size_t)(newline - *at)};
    *at = newline + 1;
    return key->length > DONE_DASH_AT + 1 && key->length < DONE_KEY_SIZE;
}

bool done_numbers_read(const char *text, uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++, text += DONE_NUMBER) {
        char *end;
        numbers[i] = strtoull(text, &end, 16);
        if (end != text + DONE_NUMBER - 1)
            return false;
    }
    return true;
}

void done_number_append(struct buffer *out, uint64_t number)
{
    buffer_append_format(out, "%016" PRIx64 "\n", number);
}

/* --- Blocks --------------------------------------------------------------- */

static uint64_t sum_of(const char *block)
{
    return queue_sum_bytes(block + DONE_NUMBER, DONE_BLOCK - DONE_NUMBER);
}

const char *done_block_keys(const char *block)
{
    return block + HEAD;
}

/* Whether it is as it was written; *number: by which making. */
static bool is_whole(const char *block, uint64_t *number)
{
    uint64_t head[2];
    if (!done_numbers_read(block, head, 2) || head[0] != sum_of(block))
        return false;
    *number = head[1];
    return true;
}

enum error done_block_read(
    int descriptor, uint64_t number, int64_t at, char block[DONE_BLOCK])
{
    uint64_t made;
    ssize_t length =
        pread(descriptor, block, DONE_BLOCK, (off_t)(at * DONE_BLOCK));
    return length == DONE_BLOCK && is_whole(block, &made) && made == number
               ? ERROR_NONE
               : ERROR_BUSY;
}

/* Whether its first key is. */
static bool is_behind(const char *block, const char *after)
{
    const char *key = done_block_keys(block);
    size_t length = strlen(after);
    int order = strncmp(key, after, length);
    return order > 0 || (order == 0 && key[length] != '\n');
}

enum error done_block_seek(int descriptor, uint64_t number, int64_t blocks,
    const char *after, int64_t *found)
{
    int64_t low = 0;
    int64_t high = blocks - 1;
    while (low < high) {
        char block[DONE_BLOCK];
        int64_t middle = low + ((high - low + 1) / 2);
        enum error error = done_block_read(descriptor, number, middle, block);
        if (error != ERROR_NONE)
            return error;
        if (is_behind(block, after))
            high = middle - 1;
        else
            low = middle;
    }
    *found = low;
    return ERROR_NONE;
}

static void begin_block(struct buffer *out, uint64_t number)
{
    done_number_append(out, 0); /* the sum, once there is one */
    done_number_append(out, number);
}

static void end_block(struct buffer *out, size_t begins)
{
    char sum[DONE_NUMBER];
    while (out->length - begins < DONE_BLOCK && !out->failed)
        buffer_append_byte(out, '\n');
    if (out->failed)
        return;
    snprintf(sum, sizeof sum, "%016" PRIx64, sum_of(out->data + begins));
    memcpy(out->data + begins, sum, DONE_NUMBER - 1);
}

static void format_blocks(
    struct buffer *out, const struct name_list *keys, uint64_t number)
{
    size_t begins = 0;
    begin_block(out, number);
    for (size_t i = 0; i < keys->count && !out->failed; i++) {
        struct name_slice key = name_list_get(keys, i);
        if (out->length - begins + key.length + 1 > DONE_BLOCK) {
            end_block(out, begins);
            begins = out->length;
            begin_block(out, number);
        }
        buffer_append(out, key.text, key.length + 1); /* its newline */
    }
    end_block(out, begins);
}

enum error done_base_write(const struct account *account,
    const struct name_list *keys, uint64_t number)
{
    struct buffer text = BUFFER_EMPTY;
    format_blocks(&text, keys, number);
    enum error error = ERROR_MEMORY;
    if (!text.failed)
        error = spool_replace_hint(account->spool, done_base_path(account),
            SPOOL_INDEX, 0, text.data, text.length);
    buffer_free(&text);
    return error;
}

/* --- All of it ------------------------------------------------------------ */

void done_base_free(struct done_base *base)
{
    buffer_free(&base->text);
    free(base->slots);
    *base = (struct done_base){.text = BUFFER_EMPTY};
}

static size_t slot_of(
    const struct done_base *base, const char *name, size_t length)
{
    return (size_t)queue_sum_bytes(name, length) & base->mask;
}

static void count_key(struct done_base *base, struct name_slice key)
{
    (void)key;
    base->count++;
}

static void enter_key(struct done_base *base, struct name_slice key)
{
    const char *name = key.text + DONE_DASH_AT + 1;
    size_t slot = slot_of(base, name, key.length - DONE_DASH_AT - 1);
    while (base->slots[slot] != 0)
        slot = (slot + 1) & base->mask;
    base->slots[slot] = (uint32_t)(key.text - base->text.data);
}

typedef void key_function(struct done_base *base, struct name_slice key);

static void each_key(struct done_base *base, key_function *function)
{
    const char *block = base->text.data;
    const char *end = block + base->text.length;
    for (; block < end; block += DONE_BLOCK) {
        struct name_slice key;
        const char *at = done_block_keys(block);
        while (done_key_next(block + DONE_BLOCK, &at, &key))
            function(base, key);
    }
}

static bool check_blocks(struct done_base *base)
{
    const struct buffer *text = &base->text;
    if (text->length == 0 || text->length % DONE_BLOCK != 0 ||
        !is_whole(text->data, &base->number))
        return false;
    for (size_t at = 0; at < text->length; at += DONE_BLOCK) {
        uint64_t number;
        if (!is_whole(text->data + at, &number) || number != base->number)
            return false;
    }
    return true;
}

static bool make_slots(struct done_base *base)
{
    size_t slots = 1;
    each_key(base, count_key);
    while (slots < 2 * base->count)
        slots *= 2;
    base->mask = slots - 1;
    base->slots = calloc(slots, sizeof *base->slots);
    if (base->slots == NULL) {
        limit_memory_refused(slots * sizeof *base->slots);
        return false;
    }
    each_key(base, enter_key);
    return true;
}

void done_base_load(const struct account *account, struct done_base *base)
{
    struct stat status;
    *base = (struct done_base){.text = BUFFER_EMPTY};
    if (file_read(account->spool->directory, done_base_path(account).text,
            FILE_MOST, &base->text, &status) != ERROR_NONE)
        return;
    if (stamp_is_due(clock_from_timespec(status.st_mtim), clock_now(),
            DONE_BASE_BELIEVED) ||
        !check_blocks(base) || !make_slots(base))
        done_base_free(base);
}

char *done_base_find(const struct done_base *base, const char *name)
{
    size_t length = strlen(name);
    if (base->count == 0)
        return NULL;
    size_t slot = slot_of(base, name, length);
    for (; base->slots[slot] != 0; slot = (slot + 1) & base->mask) {
        char *key = base->text.data + base->slots[slot];
        if (strncmp(key + DONE_DASH_AT + 1, name, length) == 0 &&
            key[DONE_DASH_AT + 1 + length] == '\n')
            return key;
    }
    return NULL;
}

void done_base_meet(struct done_base *base, char *key)
{
    base->met += key[DONE_DASH_AT] != MET;
    key[DONE_DASH_AT] = MET;
}

enum error done_base_list(const struct done_base *base, struct name_list *keys)
{
    const char *end = base->text.data + base->text.length;
    enum error error = ERROR_NONE;
    for (size_t i = 0; base->count > 0 && i <= base->mask; i++) {
        char key[DONE_KEY_SIZE];
        struct name_slice slice;
        const char *at = base->text.data + base->slots[i];
        if (base->slots[i] == 0 || at[DONE_DASH_AT] != MET ||
            !done_key_next(end, &at, &slice))
            continue;
        memcpy(key, slice.text, slice.length);
        key[DONE_DASH_AT] = '-';
        error = name_list_append(keys, key, slice.length);
        if (error != ERROR_NONE)
            break;
    }
    return error;
}
