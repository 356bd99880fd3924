/* SPDX-License-Identifier: MIT */
#include "product_url.h"

#include "json_write.h"
#include "product.h"

#include <string.h>
#include <strings.h>

static const char secure[] = "https:";

/* The length of "https://host", 0 where it does not begin so. */
static size_t origin_length(const char *text)
{
    size_t scheme = 0;
    if (strncasecmp(text, "https://", 8) == 0)
        scheme = 8;
    else if (strncasecmp(text, "http://", 7) == 0)
        scheme = 7;
    size_t host = scheme == 0 ? 0 : strcspn(text + scheme, "/?#\\");
    return host == 0 ? 0 : scheme + host;
}

/* Puts before the text what makes it absolute; false where that is not known.
 */
static bool complete(
    struct buffer *whole, const char *text, struct json_value beside)
{
    struct buffer site = BUFFER_EMPTY;
    if (origin_length(text) > 0)
        return true;
    if (strncmp(text, "//", 2) == 0) {
        buffer_append_text(whole, secure);
        return true;
    }
    if (text[0] == '/') {
        json_string(beside, &site);
        buffer_append(
            whole, buffer_text(&site), origin_length(buffer_text(&site)));
        whole->failed = whole->failed || site.failed;
    }
    buffer_free(&site);
    return whole->length > 0;
}

bool product_url_append(
    struct buffer *out, struct json_value value, struct json_value beside)
{
    struct buffer text = BUFFER_EMPTY;
    struct buffer whole = BUFFER_EMPTY;
    size_t length;
    json_raw(value, &length);
    if (!json_is(value, JSON_STRING) || length > PRODUCT_TEXT_MOST)
        return false;
    json_string(value, &text);
    bool told = complete(&whole, buffer_text(&text), beside) &&
                whole.length + length <= PRODUCT_TEXT_MOST;
    if (told) {
        buffer_append(&whole, buffer_text(&text), text.length);
        json_write_string(out, buffer_text(&whole), whole.length);
    }
    out->failed = out->failed || whole.failed || text.failed;
    buffer_free(&whole);
    buffer_free(&text);
    return told || out->failed;
}
