/* SPDX-License-Identifier: MIT */
#include "photo_take.h"

#include "buffer.h"
#include "error.h"
#include "json.h"
#include "photo.h"
#include "photo_kind.h"
#include "problem.h"
#include "program.h"
#include "public_url.h"

#include <stdio.h>

static bool append_url(
    struct program *program, const struct photo *photo, struct buffer *url)
{
    char route[sizeof "/photos/" + PHOTO_NAME_LENGTH_MAX];
    snprintf(route, sizeof route, "/photos/%s", photo->name);
    enum error error = public_url_append(
        url, &program->config, program->request.environment, route);
    if (error == ERROR_SYNTAX) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The request does not tell under which host we are reached: set "
            "url in [site] of etc/stoflow.ini.");
    } else if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Storing the photo");
    }
    return error == ERROR_NONE;
}

/* The URL comes first: who cannot be told it needs no photo. */
bool photo_take(struct program *program, const struct buffer *bytes,
    struct photo *photo, struct buffer *url)
{
    enum error error = photo_name(photo, buffer_text(bytes), bytes->length);
    if (error == ERROR_NONE && !append_url(program, photo, url))
        return false;
    if (error == ERROR_NONE) {
        error = photo_store(
            &program->spool, buffer_text(bytes), bytes->length, photo);
    }
    if (error == ERROR_TYPE) {
        problem_set(&program->reply, PROBLEM_IMAGE,
            "These %zu bytes are no whole JPEG, PNG or WebP image.",
            bytes->length);
    } else if (error != ERROR_NONE) {
        problem_set_error(&program->reply, error, "Storing the photo");
    }
    return error == ERROR_NONE;
}

bool photo_take_base64(struct program *program, struct json_value member,
    const char *name, struct photo *photo, struct buffer *url)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer bytes = BUFFER_EMPTY;
    enum error error = json_string(member, &text);
    if (error == ERROR_NONE)
        error = text.failed
                    ? ERROR_MEMORY
                    : photo_decode(&bytes, buffer_text(&text), text.length);
    buffer_free(&text);
    if (error == ERROR_MEMORY) {
        problem_set_error(&program->reply, error, "Reading the photo");
    } else if (error != ERROR_NONE) {
        problem_set(&program->reply, PROBLEM_INVALID_FIELD,
            "\"%s\" must be a string of base64 (RFC 4648, padded, without line "
            "breaks), or a data: URL that holds it.",
            name);
    }
    bool good = error == ERROR_NONE && photo_take(program, &bytes, photo, url);
    buffer_free(&bytes);
    return good;
}
