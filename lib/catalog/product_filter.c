/* SPDX-License-Identifier: MIT */
#include "product_filter.h"

#include "fold.h"
#include "product.h"

#include <stdint.h>
#include <string.h>

/* As JSON, since product.h has them so. */
static const char *const statuses[] = {PRODUCT_ACTIVE, PRODUCT_RESERVED,
    PRODUCT_SOLD, PRODUCT_HIDDEN, PRODUCT_DRAFT, PRODUCT_CLOSED, PRODUCT_GONE,
    PRODUCT_DELETED};

enum {
    STATUSES = sizeof statuses / sizeof statuses[0],
    PIECE = 4096 /* bytes of a text that are folded at a time */
};

_Static_assert(FILTER_WORDS_MAX <= 32, "each word has a bit");

static const char *next_word(const char *word)
{
    return word + strlen(word) + 1;
}

static bool has_word(
    const struct product_filter *filter, const char *text, size_t length)
{
    const char *word = buffer_text(&filter->words);
    for (size_t i = 0; i < filter->count; i++, word = next_word(word)) {
        if (strlen(word) == length && memcmp(word, text, length) == 0)
            return true;
    }
    return false;
}

/* Each word once, however often it stands in the text, which is folded. */
static enum error add_words(struct product_filter *filter, const char *text)
{
    static const char blanks[] = " \t\r\n";
    for (text += strspn(text, blanks); *text != '\0';
        text += strspn(text, blanks)) {
        size_t length = strcspn(text, blanks);
        if (!has_word(filter, text, length)) {
            if (length > FILTER_WORD_MAX || filter->count == FILTER_WORDS_MAX)
                return ERROR_TOO_LARGE;
            buffer_append(&filter->words, text, length);
            buffer_append_byte(&filter->words, '\0');
            if (filter->words.failed)
                return ERROR_MEMORY;
            filter->count++;
        }
        text += length;
    }
    return ERROR_NONE;
}

enum error product_filter_words(struct product_filter *filter, const char *text)
{
    struct buffer folded = BUFFER_EMPTY;
    fold_append(&folded, text, strlen(text));
    enum error error =
        folded.failed ? ERROR_MEMORY : add_words(filter, buffer_text(&folded));
    buffer_free(&folded);
    return error;
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
    return filter->count == 0 && filter->statuses == 0;
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

/* Which of the words are missing, one bit each, after what is folded of a text
 * has been looked through. Where it is all that was left of it, the first that
 * is missing is enough. */
static uint32_t look_for_words(
    const struct product_filter *filter, uint32_t missing, bool last)
{
    const char *word = buffer_text(&filter->words);
    for (size_t i = 0; i < filter->count; i++, word = next_word(word)) {
        if ((missing >> i & 1) == 0)
            continue;
        if (holds(&filter->scratch, word))
            missing &= ~(UINT32_C(1) << i);
        else if (last)
            break;
    }
    return missing;
}

/* What a word may begin in that ends in the next piece. */
static void keep_end(struct buffer *text)
{
    if (text->length < FILTER_WORD_MAX)
        return;
    memmove(text->data, text->data + text->length - FILTER_WORD_MAX,
        FILTER_WORD_MAX);
    text->length = FILTER_WORD_MAX;
}

/* Bytes to fold next; no character is cut. */
static size_t piece_length(const char *text, size_t length)
{
    size_t piece = length < PIECE ? length : PIECE;
    while (piece < length && piece > PIECE - 4 &&
           ((unsigned char)text[piece] & 0xc0) == 0x80)
        piece--;
    return piece;
}

/* Which of the words are missing still. A text is folded a piece after the
 * other, so that the longest takes no more memory. `last`: none follows. */
static uint32_t look_through(struct product_filter *filter, const char *text,
    size_t length, uint32_t missing, bool last)
{
    buffer_clear(&filter->scratch);
    while (length > 0 && missing != 0 && !filter->scratch.failed) {
        size_t piece = piece_length(text, length);
        keep_end(&filter->scratch);
        fold_append(&filter->scratch, text, piece);
        text += piece;
        length -= piece;
        if (!filter->scratch.failed)
            missing = look_for_words(filter, missing, last && length == 0);
    }
    return missing;
}

static uint32_t all_words(const struct product_filter *filter)
{
    return (uint32_t)((UINT64_C(1) << filter->count) - 1);
}

/* Where nothing is escaped, what is searched stands in the line as it is. */
bool product_filter_may_pass(
    struct product_filter *filter, const char *line, size_t length)
{
    if (filter->count == 0 || memchr(line, '\\', length) != NULL)
        return true;
    uint32_t missing =
        look_through(filter, line, length, all_words(filter), true);
    return missing == 0 || filter->scratch.failed;
}

/* Appends what is searched of a member: a text, or the digits of a number. */
static void append_searched(struct buffer *out, struct json_value value)
{
    size_t length;
    const char *raw = json_raw(value, &length);
    if (json_is(value, JSON_NUMBER))
        buffer_append(out, raw, length);
    else
        json_string(value, out);
}

static bool has_words(struct product_filter *filter, struct json_value row)
{
    static const char *const searched[] = {
        "id", "title", "brand", "description"};
    enum {
        SEARCHED = sizeof searched / sizeof searched[0]
    };
    uint32_t missing = all_words(filter);
    struct buffer decoded = BUFFER_EMPTY;
    buffer_clear(&filter->scratch);
    for (size_t i = 0; i < SEARCHED && missing != 0 &&
                       !filter->scratch.failed && !decoded.failed;
        i++) {
        buffer_clear(&decoded);
        append_searched(&decoded, json_member(row, searched[i]));
        missing = look_through(filter, buffer_text(&decoded), decoded.length,
            missing, i + 1 == SEARCHED);
    }
    filter->scratch.failed = filter->scratch.failed || decoded.failed;
    buffer_free(&decoded);
    return missing == 0 && !filter->scratch.failed;
}

bool product_filter_passes(struct product_filter *filter, struct json_value row)
{
    return has_status(filter, row) && has_words(filter, row);
}

void product_filter_free(struct product_filter *filter)
{
    buffer_free(&filter->words);
    buffer_free(&filter->scratch);
    filter->count = 0;
    filter->statuses = 0;
}
