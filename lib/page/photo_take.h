/* SPDX-License-Identifier: MIT */
/* Taking a photo from a request: storing it, and the URL it then has. All
 * functions are false after having set the problem. */
#ifndef STOFLOW_PHOTO_TAKE_H
#define STOFLOW_PHOTO_TAKE_H

#include "buffer.h"
#include "draft.h"
#include "json.h"
#include "photo.h"
#include "program.h"

#include <stdbool.h>

/* Stores the image and appends its public URL to `url`; *photo says what it
 * is. 415 if it is no image. */
bool photo_take(struct program *program, const struct buffer *bytes,
    struct photo *photo, struct buffer *url);

/* The same for a member with the image in base64. A problem calls it `name`:
 * 422 if it is no base64. */
bool photo_take_base64(struct program *program, struct json_value member,
    const char *name, struct photo *photo, struct buffer *url);

/* What parameters that were written anew point into. */
struct photo_params {
    struct buffer text;
    struct json_document document;
};

#define PHOTO_PARAMS_NONE                                                      \
    {                                                                          \
        BUFFER_EMPTY,                                                          \
        {                                                                      \
            NULL, 0, NULL, 0, NULL                                             \
        }                                                                      \
    }

/* Where the draft is an upload_photo with "photo_data" its parameters become
 * those of *params, with "photo_url", for the plugin to fetch, in the place of
 * that member and all others exactly as they stood; else nothing happens.
 * photo_params_free is due in every case, once the draft is of no more use. */
bool photo_take_params(
    struct program *program, struct draft *draft, struct photo_params *params);
void photo_params_free(struct photo_params *params);

#endif
