/* SPDX-License-Identifier: MIT */
/* Bytes that may be an image: what is taken for one begins as it must, is of
 * one kind, and is stored under a name that leads back to that kind. */
#include "fuzz.h"

#include "photo.h"
#include "photo_kind.h"

#include <string.h>

struct beginning {
    const char *extension;
    const char *bytes;
    size_t length;
};

static const struct beginning beginnings[] = {
    {"jpg", "\xFF\xD8\xFF", 3},
    {"png", "\x89PNG\r\n\x1A\n", 8},
    {"webp", "RIFF", 4},
};

void fuzz_one(const char *text, size_t length)
{
    struct photo photo;
    const struct photo_kind *kind = photo_kind_of_bytes(text, length);
    enum error error = photo_name(&photo, text, length);
    fuzz_require((kind != NULL) == (error == ERROR_NONE));
    if (kind == NULL)
        return;
    fuzz_require(photo.kind == kind);
    fuzz_require(photo_kind_of_name(photo.name, strlen(photo.name)) == kind);
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const struct beginning *begin = &beginnings[i];
        bool begins = length >= begin->length &&
                      memcmp(text, begin->bytes, begin->length) == 0;
        fuzz_require(
            begins == (strcmp(kind->extension, begin->extension) == 0));
    }
}
