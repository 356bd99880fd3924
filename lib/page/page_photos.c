/* SPDX-License-Identifier: MIT */
/* POST /api/photos stores an image, GET /api/photos/{name} serves it to whoever
 * knows its name: the plugin, and the browser it runs in. */
#include "pages.h"

#include "body.h"
#include "buffer.h"
#include "digest.h"
#include "environment.h"
#include "error.h"
#include "json.h"
#include "json_write.h"
#include "photo.h"
#include "photo_kind.h"
#include "photo_take.h"
#include "problem.h"
#include "reply.h"
#include "route.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* An image does not begin like this; a header that says what a body is, is
 * often wrong. */
static bool is_json(const struct buffer *body)
{
    const char *text = buffer_text(body);
    return text[strspn(text, " \t\r\n")] == '{';
}

/* The image in base64 stands in one of two members. */
static bool take_object(struct program *program, const struct buffer *body,
    struct photo *photo, struct buffer *url)
{
    static const char *const names[] = {"content", "photo_data"};
    struct json_document document;
    if (!body_parse_object(program, false, body, &document))
        return false;
    struct json_value root = json_root(&document);
    struct json_value member = json_member(root, names[0]);
    const char *name = names[0];
    if (!json_is_given(member)) {
        name = names[1];
        member = json_member(root, name);
    }
    bool good = json_is_given(member);
    if (good)
        good = photo_take_base64(program, member, name, photo, url);
    else
        problem_refuse(
            &program->reply, names[0], "is missing: the image, in base64");
    json_free(&document);
    return good;
}

static void write_photo(
    struct reply *reply, const struct photo *photo, const struct buffer *url)
{
    struct buffer *out = &reply->body;
    reply->status = photo->is_new ? 201 : 200;
    buffer_append_byte(out, '{');
    json_member_text(out, "photo_url", buffer_text(url));
    json_member_text(out, "name", photo->name);
    json_member_text(out, "type", photo->kind->content_type);
    json_member_integer(out, "bytes", (int64_t)photo->length);
    buffer_append_text(out, "}\n");
}

static void store(struct program *program)
{
    struct buffer body = BUFFER_EMPTY;
    struct buffer url = BUFFER_EMPTY;
    struct photo photo;
    if (!body_read(program, &body))
        return;
    bool good = is_json(&body) ? take_object(program, &body, &photo, &url)
                               : photo_take(program, &body, &photo, &url);
    if (good)
        write_photo(&program->reply, &photo, &url);
    buffer_free(&url);
    buffer_free(&body);
}

/* Whether the client has it: its If-None-Match names the tag, among others, or
 * "*" (RFC 9110, section 13.1.2). The quotes make a tag unmistakable. */
static bool client_has(const struct program *program, const char *tag)
{
    const char *tags =
        environment_get(program->gateway->environment, "HTTP_IF_NONE_MATCH");
    return tags != NULL &&
           (strcmp(tags, "*") == 0 || strstr(tags, tag) != NULL);
}

/* The name is the content, so that it may be kept for ever. Nothing in an image
 * may do anything in a page, whatever a browser takes it for, and an image is
 * no page to be framed. */
static void add_headers(struct reply *reply, const char *tag)
{
    reply->cache_control = "public, max-age=31536000, immutable";
    reply_header(reply, "ETag", tag);
    reply_header(reply, "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'");
}

static void serve(struct program *program)
{
    struct reply *reply = &program->reply;
    const char *name = program->photo;
    char tag[DIGEST_LENGTH + 3];
    snprintf(tag, sizeof tag, "\"%.*s\"", DIGEST_LENGTH, name);
    bool has = client_has(program, tag);
    enum error error = has ? photo_look(&program->spool, name)
                           : photo_read(&program->spool, name, &reply->body);
    if (error == ERROR_NOT_FOUND || error == ERROR_TYPE) {
        problem_set(reply, PROBLEM_UNKNOWN_PHOTO,
            "There is no such photo here (any more).");
    } else if (error != ERROR_NONE) {
        problem_set_error(reply, error, "Reading the photo");
    } else {
        reply->status = has ? 304 : 200;
        reply->content_type =
            photo_kind_of_name(name, strlen(name))->content_type;
        add_headers(reply, tag);
    }
}

static void answer(struct program *program)
{
    if (program->request.method == METHOD_GET)
        serve(program);
    else
        store(program);
}

const struct page page_photos = {"photos", answer, false};
