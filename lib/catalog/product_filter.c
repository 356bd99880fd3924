/* SPDX-License-Identifier: MIT */
#include "product_filter.h"

#include "fold.h"
#include "product.h"

#include <string.h>

/* As JSON, since product.h has them so. */
static const char *const statuses[] = {PRODUCT_ACTIVE, PRODUCT_RESERVED,
    PRODUCT_SOLD, PRODUCT_HIDDEN, PRODUCT_DRAFT, PRODUCT_CLOSED, PRODUCT_GONE,
    PRODUCT_DELETED};

enum {
    STATUSES = sizeof statuses / sizeof statuses[0]
};

enum error product_filter_words(struct product_filter *filter, const char *text)
{
    static const char blanks[] = " \t\r\n";
    for (text += strspn(text, blanks); *text != '\0';
        text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);
        fold_append(&filter->words, text, length);
        buffer_append_byte(&filter->words, '\0');
        text += length;
    }
    return filter->words.failed ? ERROR_MEMORY : ERROR_NONE;
}

/* The bit of a status, 0 if it is none. `text` bears no quotes. */
static unsigned status_bit(const char *text, size_t length)
{
    for (unsigned i = 0; i < STATUSES; i++) {
        if (strlen(statuses[i]) == length + 2 &&
            memcmp(statuses[i] + 1, text, length) == 0)
            return 1U << i;
    }
    return 0;
}

enum error product_filter_statuses(
    struct product_filter *filter, const char *text)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        unsigned bit = status_bit(text, length);
        if (bit == 0)
            return ERROR_SYNTAX;
        filter->statuses |= bit;
        if (text[length] == '\0')
            return ERROR_NONE;
        text += length + 1;
    }
}

bool product_filter_is_empty(const struct product_filter *filter)
{
    return filter->words.length == 0 && filter->statuses == 0;
}

static bool has_status(
    const struct product_filter *filter, struct json_value row)
{
    size_t length;
    const char *status = json_raw(json_member(row, "status"), &length);
    return filter->statuses == 0 ||
           (length > 2 &&
               (status_bit(status + 1, length - 2) & filter->statuses) != 0);
}

/* Appends what is searched, folded; a newline, which no word holds, keeps the
 * members apart. */
static void append_searched(
    struct buffer *out, struct json_value value, struct buffer *decoded)
{
    size_t length;
    buffer_clear(decoded);
    if (json_string(value, decoded) != ERROR_NONE) {
        const char *raw = json_raw(value, &length);
        if (json_is(value, JSON_NUMBER))
            buffer_append(decoded, raw, length);
    }
    fold_append(out, buffer_text(decoded), decoded->length);
    buffer_append_byte(out, '\n');
    out->failed = out->failed || decoded->failed;
}

static void gather(struct product_filter *filter, struct json_value row)
{
    static const char *const searched[] = {
        "id", "title", "brand", "description"};
    struct buffer decoded = BUFFER_EMPTY;
    buffer_clear(&filter->scratch);
    for (size_t i = 0; i < sizeof searched / sizeof searched[0]; i++) {
        append_searched(
            &filter->scratch, json_member(row, searched[i]), &decoded);
    }
    buffer_free(&decoded);
}

/* A NUL byte that a title holds must not end the search for what follows. */
static bool holds(const struct buffer *text, const char *word)
{
    size_t length = strlen(word);
    const char *at = text->data;
    const char *end = text->data + text->length;
    while (at != NULL && (size_t)(end - at) >= length) {
        if (memcmp(at, word, length) == 0)
            return true;
        at = memchr(at + 1, word[0], (size_t)(end - at - 1));
    }
    return false;
}

static bool holds_words(
    const struct buffer *text, const struct product_filter *filter)
{
    const char *word = buffer_text(&filter->words);
    const char *end = word + filter->words.length;
    for (; word < end; word += strlen(word) + 1) {
        if (!holds(text, word))
            return false;
    }
    return true;
}

/* Where nothing is escaped, what is searched stands in the line as it is. */
bool product_filter_may_pass(
    struct product_filter *filter, const char *line, size_t length)
{
    if (filter->words.length == 0 || memchr(line, '\\', length) != NULL)
        return true;
    buffer_clear(&filter->scratch);
    fold_append(&filter->scratch, line, length);
    return filter->scratch.failed || holds_words(&filter->scratch, filter);
}

static bool has_words(struct product_filter *filter, struct json_value row)
{
    if (filter->words.length == 0)
        return true;
    gather(filter, row);
    return !filter->scratch.failed && holds_words(&filter->scratch, filter);
}

bool product_filter_passes(struct product_filter *filter, struct json_value row)
{
    return has_status(filter, row) && has_words(filter, row);
}

void product_filter_free(struct product_filter *filter)
{
    buffer_free(&filter->words);
    buffer_free(&filter->scratch);
    filter->statuses = 0;
}
