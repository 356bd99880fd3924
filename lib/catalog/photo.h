/* SPDX-License-Identifier: MIT */
/* Photos: spool/photos/DIGEST.EXTENSION, the SHA-256 of the bytes and what
 * kind of image they are. The same photo is one file, however often it comes.
 *
 * The name is a secret that only whoever has the photo or was told it can
 * know: therefore it may be fetched without a token. */
#ifndef STOFLOW_PHOTO_H
#define STOFLOW_PHOTO_H

#include "buffer.h"
#include "error.h"
#include "photo_kind.h"
#include "spool.h"
#include "spool_part.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What to call one, and what it is. */
struct photo {
    const struct photo_kind *kind;
    char name[PHOTO_NAME_LENGTH_MAX + 1];
    size_t length; /* bytes */
    bool is_new;   /* it was not stored before */
};

/* Fills kind and name. ERROR_TYPE: the bytes are no image of a kind that is
 * taken. */
enum error photo_name(struct photo *photo, const void *bytes, size_t length);

/* Stores the bytes of a photo that has its name, safe from power loss before
 * this returns, and sets is_new. One that is stored already is as young as a
 * new one after this (photo_prune). ERROR_FULL also when only the reserve for
 * results is left (space.h). */
enum error photo_store(const struct spool *spool, const void *bytes,
    size_t length, struct photo *photo);

/* Appends the bytes of a stored photo. `name` has passed photo_kind_of_name.
 * Errors of file_read. */
enum error photo_read(
    const struct spool *spool, const char *name, struct buffer *out);

/* Whether there is such a photo: ERROR_NONE, ERROR_NOT_FOUND, or what kept us
 * from telling. */
enum error photo_look(const struct spool *spool, const char *name);

/* Appends the bytes that text[0..length) stands for: base64, or a "data:" URL
 * that holds base64, whatever type it claims. ERROR_SYNTAX, ERROR_MEMORY. */
enum error photo_decode(struct buffer *out, const char *text, size_t length);

/* Goes through a part of what is stored and removes what was stored last before
 * the moment `before`; with `dry` only counts it. *whole: there is nothing left
 * to remove in that part. */
unsigned photo_prune(const struct spool *spool, int64_t before,
    struct spool_part *part, bool dry, bool *whole);

#endif
