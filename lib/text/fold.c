/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include "utf8.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

bool fold_holds(const char *text, size_t length, const char *phrase)
{
    size_t wanted = strlen(phrase);
    for (size_t at = 0; at + wanted <= length; at++) {
        size_t i = 0;
        while (i < wanted && fold_ascii(text[at + i]) == fold_ascii(phrase[i]))
            i++;
        if (i == wanted)
            return true;
    }
    return false;
}

/* What people leave out who type a word: whether a letter is a capital one, its
 * accents, what nobody sees; and which of several blanks, apostrophes, dashes
 * or forms of a digit it is. */
static const utf8proc_option_t what_counts_not =
    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
    UTF8PROC_STRIPMARK | UTF8PROC_IGNORE | UTF8PROC_LUMP;

/* The longest decomposition of Unicode's has 18 (U+FDFA). */
enum {
    MOST = 18
};

/* To Unicode these are letters by themselves, not others with an accent or two
 * in one, but who lacks the key types these instead. */
static const struct {
    utf8proc_int32_t code;
    const char *text;
} written[] = {
    {0x00e6, "ae"}, /* æ */
    {0x00f0, "d"},  /* ð */
    {0x00f8, "o"},  /* ø */
    {0x00fe, "th"}, /* þ */
    {0x0111, "d"},  /* đ */
    {0x0127, "h"},  /* ħ */
    {0x0131, "i"},  /* ı */
    {0x0142, "l"},  /* ł */
    {0x0153, "oe"}, /* œ */
    {0x0167, "t"},  /* ŧ */
};

static void append_code(struct buffer *out, utf8proc_int32_t code)
{
    char text[4];
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        if (written[i].code == code) {
            buffer_append_text(out, written[i].text);
            return;
        }
    }
    buffer_append(out, text, utf8_encode(text, (unsigned long)code));
}

/* Each character by itself: what it is folded to does not hang on those beside
 * it, since the order of accents is all that does. */
static void append_folded(struct buffer *out, const char *text, size_t used)
{
    utf8proc_int32_t code;
    utf8proc_int32_t folded[MOST];
    int boundary = 0;
    utf8proc_iterate(
        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)used, &code);
    utf8proc_ssize_t count =
        utf8proc_decompose_char(code, folded, MOST, what_counts_not, &boundary);
    for (utf8proc_ssize_t i = 0; i < count && i < MOST; i++)
        append_code(out, folded[i]);
}

/* What became of the characters of two bytes that were met: of those a
 * catalogue has a few dozens a million times, in most languages of Europe. */
struct met {
    bool known;
    unsigned char length;
    char text[6];
};

static struct met met[0x800];

/* As above; `used` is 2. */
static void append_met(struct buffer *out, const char *text)
{
    unsigned char first = (unsigned char)text[0];
    unsigned char second = (unsigned char)text[1];
    struct met *one = &met[(first & 0x1fU) << 6 | (second & 0x3fU)];
    size_t start = out->length;
    if (one->known) {
        buffer_append(out, one->text, one->length);
        return;
    }
    append_folded(out, text, 2);
    size_t length = out->length - start;
    if (out->failed || length > sizeof one->text)
        return;
    one->known = true;
    one->length = (unsigned char)length;
    memcpy(one->text, out->data + start, length);
}

static const uint64_t each = 0x0101010101010101;

/* Eight ASCII characters at once, which borrow nothing from each other: the top
 * bit of a byte is set by what is added if that is not below 'A', and if it is
 * above 'Z'. Where the two differ it is a capital, a small one has its bit 5.
 */
static uint64_t fold_word(uint64_t word)
{
    uint64_t not_below = word + (each * (0x80 - 'A'));
    uint64_t above = word + (each * (0x80 - 'Z' - 1));
    return word | ((not_below ^ above) & (each * 0x80)) >> 2;
}

/* Appends the ASCII characters that the text begins with; how many. */
static size_t append_ascii(struct buffer *out, const char *text, size_t length)
{
    size_t i = 0;
    char *to = buffer_reserve(out, length);
    if (to == NULL)
        return length;
    for (; length - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        if ((word & (each * 0x80)) != 0)
            break;
        word = fold_word(word);
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < length && (unsigned char)text[i] < 0x80; i++)
        to[i] = fold_ascii(text[i]);
    to[i] = '\0';
    out->length += i;
    return i;
}

void fold_append(struct buffer *out, const char *text, size_t length)
{
    size_t i = 0;
    size_t used;
    while ((i += append_ascii(out, text + i, length - i)) < length) {
        if (!utf8_character(text + i, length - i, &used)) {
            buffer_append_byte(out, text[i++]);
            continue;
        }
        if (used == 2)
            append_met(out, text + i);
        else
            append_folded(out, text + i, used);
        i += used;
    }
}
