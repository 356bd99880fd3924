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

/* Whether JSON may have something of the word behind a backslash other than by
 * its number. */
static bool may_escape(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)word[i] < ' ' || strchr("\"\\/", word[i]) != NULL)
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
            filter->escapes = filter->escapes || may_escape(text, length);
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
    const struct product_filter *filter, const struct json_spans *row)
{
    if (filter->statuses == 0)
        return true;
    struct json_span status = json_spans_find(row, "status");
    return status.length > 2 &&
           (status_bit(status.text + 1, status.length - 2) &
               filter->statuses) != 0;
}

/* Where in the word its rarest byte stands, by what a catalogue in languages of
 * Europe is made of: numbers and addresses first. */
static size_t find_rarest(const char *word, size_t length)
{
    static const char common[] = "0123456789easitnrulodcpmfbhgvqxjyzkw";
    size_t rarest = 0;
    size_t best = 0;
    for (size_t i = 0; i < length; i++) {
        const char *place = memchr(common, word[i], sizeof common - 1);
        size_t rank = place == NULL ? sizeof common : (size_t)(place - common);
        if (i > 0 && rank <= best)
            continue;
        rarest = i;
        best = rank;
    }
    return rarest;
}

/* A NUL byte that a title holds must not end the search for what follows. */
static bool holds(const struct buffer *text, const char *word)
{
    size_t length = strlen(word);
    size_t rarest = find_rarest(word, length);
    if (text->length < length)
        return false;
    const char *at = text->data + rarest;
    const char *end = text->data + text->length - (length - 1 - rarest);
    while ((at = memchr(at, word[rarest], (size_t)(end - at))) != NULL) {
        if (memcmp(at - rarest, word, length) == 0)
            return true;
        at++;
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

/* Whether what is escaped in the line may be a part of a word. A line break is
 * none, so most lines tell themselves what they do not hold. */
static bool hides_words(
    const struct product_filter *filter, const char *line, size_t length)
{
    const char *end = line + length;
    while ((line = memchr(line, '\\', (size_t)(end - line))) != NULL) {
        if (filter->escapes || end - line < 2 || line[1] == 'u')
            return true;
        line += 2;
    }
    return false;
}

/* But for that, what is searched stands in the line as it is. */
bool product_filter_may_pass(
    struct product_filter *filter, const char *line, size_t length)
{
    if (filter->count == 0 || hides_words(filter, line, length))
        return true;
    uint32_t missing =
        look_through(filter, line, length, all_words(filter), true);
    return missing == 0 || filter->scratch.failed;
}

static bool has_words(
    struct product_filter *filter, const struct json_spans *row)
{
    static const char *const searched[] = {
        "id", "title", "brand", "description"};
    enum {
        SEARCHED = sizeof searched / sizeof searched[0]
    };
    uint32_t missing = all_words(filter);
    struct buffer *decoded = &filter->decoded;
    buffer_clear(&filter->scratch);
    buffer_clear(decoded);
    for (size_t i = 0; i < SEARCHED && missing != 0 &&
                       !filter->scratch.failed && !decoded->failed;
        i++) {
        struct json_span member = json_spans_find(row, searched[i]);
        size_t length;
        const char *text = json_span_text(&member, decoded, &length);
        missing =
            look_through(filter, text, length, missing, i + 1 == SEARCHED);
    }
    filter->scratch.failed = filter->scratch.failed || decoded->failed;
    return missing == 0 && !filter->scratch.failed;
}

bool product_filter_passes(
    struct product_filter *filter, const struct json_spans *row)
{
    return has_status(filter, row) && has_words(filter, row);
}

void product_filter_free(struct product_filter *filter)
{
    buffer_free(&filter->words);
    buffer_free(&filter->scratch);
    buffer_free(&filter->decoded);
    filter->count = 0;
    filter->escapes = false;
    filter->statuses = 0;
}
