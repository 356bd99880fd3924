/* SPDX-License-Identifier: MIT */
/* spool/index/42.done: the keys of the records in done/42 as they were when it
 * was made; done_index.h says what for. Kept in blocks, each with a sum of
 * itself and the number of this making, so that a part can be read alone. */
#ifndef STOFLOW_DONE_BASE_H
#define STOFLOW_DONE_BASE_H

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "name.h"
#include "name_list.h"
#include "path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum done_base_sizes {
    DONE_DASH_AT = 19, /* in a key, before its name */
    DONE_KEY_SIZE = DONE_DASH_AT + 1 + NAME_LENGTH_MAX,
    DONE_NUMBER = 16 + 1, /* bytes of a number in hexadecimal and its newline */
    DONE_BLOCK = 4096,
    DONE_BASE_BELIEVED = 900 /* seconds */
};

struct path done_base_path(const struct account *account);

/* --- Keys ----------------------------------------------------------------- */

/* Nanoseconds from the record's mtime to the end of all times, '-', its name:
 * the newest has the smallest key. A task's two records have two, though their
 * times be the same, or a page that ends between them would leave the one out
 * that counts. */
void done_key_format(
    char key[DONE_KEY_SIZE], const struct stat *status, const char *name);

/* The key that begins at *at and ends with a newline before `end`, and *at
 * behind that. False: there is none, as where a block is filled up. */
bool done_key_next(const char *end, const char **at, struct name_slice *key);

/* So many numbers of DONE_NUMBER bytes each; false if they are not that. */
bool done_numbers_read(const char *text, uint64_t *numbers, size_t count);
void done_number_append(struct buffer *out, uint64_t number);

/* --- All of it ------------------------------------------------------------ */

struct done_base {
    uint64_t number;
    size_t count; /* keys; of those that were met: */
    size_t met;
    struct buffer text;
    uint32_t *slots; /* where keys begin in the text, by their names' sums; 0:
                      * none does */
    size_t mask;
};

/* Reads it. One that is missing, torn, or older than DONE_BASE_BELIEVED is as
 * one without keys, and so is any where there is no memory. To be freed. */
void done_base_load(const struct account *account, struct done_base *base);
void done_base_free(struct done_base *base);

/* The key of a record, up to a newline; NULL: it is not there. */
char *done_base_find(const struct done_base *base, const char *name);

/* Notes that the record is in the folder. */
void done_base_meet(struct done_base *base, char *key);

/* Appends the keys that were met. ERROR_MEMORY. */
enum error done_base_list(const struct done_base *base, struct name_list *keys);

/* Puts a new one in its place, of keys in order. Errors of write(2) and
 * rename(2), and what was there still is. */
enum error done_base_write(const struct account *account,
    const struct name_list *keys, uint64_t number);

/* --- A part of it --------------------------------------------------------- */

/* Reads a block from the open file. Its keys stand from `done_block_keys` on.
 * ERROR_BUSY: it is torn, or not of the making of that number. */
enum error done_block_read(
    int descriptor, uint64_t number, int64_t at, char block[DONE_BLOCK]);
const char *done_block_keys(const char *block);

/* Which of so many blocks has the first key behind `after`, or is the one
 * before it. Costs the logarithm of their number. Errors as above. */
enum error done_block_seek(int descriptor, uint64_t number, int64_t blocks,
    const char *after, int64_t *found);

#endif
