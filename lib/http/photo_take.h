/* SPDX-License-Identifier: MIT */
/* Taking a photo from a request: storing it, and the URL it then has. */
#ifndef STOFLOW_PHOTO_TAKE_H
#define STOFLOW_PHOTO_TAKE_H

#include "buffer.h"
#include "json.h"
#include "photo.h"
#include "program.h"

#include <stdbool.h>

/* Stores the image and appends its public URL to `url`; *photo says what it
 * is. False after having set the problem: 415 if it is no image. */
bool photo_take(struct program *program, const struct buffer *bytes,
    struct photo *photo, struct buffer *url);

/* The same for a member with the image in base64. A problem calls it `name`:
 * 422 if it is no base64. */
bool photo_take_base64(struct program *program, struct json_value member,
    const char *name, struct photo *photo, struct buffer *url);

#endif
