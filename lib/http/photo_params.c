/* SPDX-License-Identifier: MIT */
#include "photo_params.h"

#include "buffer.h"
#include "draft.h"
#include "error.h"
#include "json.h"
#include "json_write.h"
#include "photo.h"
#include "photo_take.h"
#include "problem.h"
#include "program.h"

#include <string.h>

static const char data_key[] = "photo_data";
static const char url_key[] = "photo_url";

/* The members one after the other; of several with the photo only the last
 * counts, as everywhere, so that the others must not stay either. */
static void write_params(
    struct buffer *out, struct json_value params, const struct buffer *url)
{
    bool written = false;
    size_t length;
    struct json_value value = json_first(params);
    buffer_append_byte(out, '{');
    for (; !json_is(value, JSON_ABSENT); value = json_next(value)) {
        bool is_photo =
            json_has_key(value, data_key) || json_has_key(value, url_key);
        if (is_photo && written)
            continue;
        if (out->length > 1)
            buffer_append_byte(out, ',');
        if (is_photo) {
            json_write_text(out, url_key);
            buffer_append_byte(out, ':');
            json_write_string(out, buffer_text(url), url->length);
            written = true;
            continue;
        }
        const char *text = json_raw_key(value, &length);
        buffer_append(out, text, length);
        buffer_append_byte(out, ':');
        text = json_raw(value, &length);
        buffer_append(out, text, length);
    }
    buffer_append_byte(out, '}');
}

static bool replace_params(struct program *program, struct draft *draft,
    const struct buffer *url, struct photo_params *params)
{
    struct json_fault fault;
    write_params(&params->text, draft->params, url);
    enum error error = params->text.failed || url->failed
                           ? ERROR_MEMORY
                           : json_parse(&params->document, params->text.data,
                                 params->text.length, &fault);
    if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Storing the photo");
        return false;
    }
    draft->params = json_root(&params->document);
    return true;
}

bool photo_params_take(
    struct program *program, struct draft *draft, struct photo_params *params)
{
    struct photo photo;
    struct buffer url = BUFFER_EMPTY;
    struct json_value data = json_member(draft->params, data_key);
    if (strcmp(draft->action, "upload_photo") != 0 ||
        !json_is(data, JSON_STRING))
        return true;
    bool good =
        photo_take_base64(program, data, "params.photo_data", &photo, &url) &&
        replace_params(program, draft, &url, params);
    buffer_free(&url);
    return good;
}

void photo_params_free(struct photo_params *params)
{
    json_free(&params->document);
    buffer_free(&params->text);
}
