/* SPDX-License-Identifier: MIT */
#include "photo_take.h"

#include "body.h"
#include "file_fault.h"
#include "json_write.h"
#include "public_url.h"

#include <stdio.h>
#include <string.h>

static bool append_url(
    struct program *program, const struct photo *photo, struct buffer *url)
{
    char route[sizeof "/photos/" + PHOTO_NAME_LENGTH_MAX];
    snprintf(route, sizeof route, "/photos/%s", photo->name);
    enum error error = public_url_append(
        url, &program->config, program->gateway->environment, route);
    if (error == ERROR_SYNTAX) {
        problem_set(&program->reply, PROBLEM_CONFIGURATION,
            "The request does not tell under which host we are reached: set "
            "url in [site] of etc/stoflow.ini.");
    } else if (error != ERROR_NONE) {
        body_set_error(program, error, "Storing the photo");
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
        file_fault_set_folder(program, error, "Storing the photo");
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
        error = photo_decode(&bytes, buffer_text(&text), text.length);
    buffer_free(&text);
    if (error == ERROR_MEMORY) {
        body_set_error(program, error, "Reading the photo");
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
    enum error error = params->text.failed ? ERROR_MEMORY
                                           : json_parse_own(&params->document,
                                                 params->text.data,
                                                 params->text.length, &fault);
    if (error != ERROR_NONE) {
        body_set_error(program, error, "Storing the photo");
        return false;
    }
    draft->params = json_root(&params->document);
    return true;
}

bool photo_take_params(
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
