/* SPDX-License-Identifier: MIT */
/* The kinds of image that Vinted takes, recognised by their bytes and never by
 * what somebody calls them. The one table of them. */
#ifndef STOFLOW_PHOTO_KIND_H
#define STOFLOW_PHOTO_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum photo_sizes {
    PHOTO_NAME_LENGTH_MAX = 64 + 5 /* a digest and ".webp" */
};

struct photo_kind {
    const char *extension;
    const char *content_type;
    /* Whether the bytes have the signature and the parts that no such image
     * can do without. Pixels are not decoded. */
    bool (*fits)(const unsigned char *bytes, size_t length);
};

/* NULL if the bytes are none of these kinds. */
const struct photo_kind *photo_kind_of_bytes(const void *bytes, size_t length);

/* The kind of a stored photo by its name, DIGEST.EXTENSION. NULL if the whole
 * of text[0..length) is no such name, [0-9a-f]{64}.(jpg|png|webp). */
const struct photo_kind *photo_kind_of_name(const char *text, size_t length);

#endif
