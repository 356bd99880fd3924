/* SPDX-License-Identifier: MIT */
/* The photo that an upload_photo brings along as "photo_data": stored here, it
 * becomes a "photo_url" for the plugin to fetch. */
#ifndef STOFLOW_PHOTO_PARAMS_H
#define STOFLOW_PHOTO_PARAMS_H

#include "buffer.h"
#include "draft.h"
#include "json.h"
#include "program.h"

#include <stdbool.h>

/* What parameters that were written anew point into. */
struct photo_params {
    struct buffer text;
    struct json_document document;
};

#define PHOTO_PARAMS_NONE {BUFFER_EMPTY, {NULL, 0, NULL, 0}}

/* Where the draft is an upload_photo with "photo_data" its parameters become
 * those of *params, with "photo_url" in the place of that member and all others
 * exactly as they stood; else nothing happens. False after having set the
 * problem. photo_params_free is due in every case, once the draft is of no more
 * use. */
bool photo_params_take(
    struct program *program, struct draft *draft, struct photo_params *params);
void photo_params_free(struct photo_params *params);

#endif
