/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include "utf8.h"

#include <string.h>

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

/* Code points from `first` to `last`, every `step`-th, fold to the one that is
 * `distance` further. */
struct fold_range {
    unsigned first;
    unsigned last;
    unsigned step;
    int distance;
};

static const struct fold_range ranges[] = {
    {0x00c0, 0x00d6, 1, 32},    /* À to Ö */
    {0x00d8, 0x00de, 1, 32},    /* Ø to Þ; × stands between */
    {0x0100, 0x012e, 2, 1},     /* Ā to Į; İ has no single small letter */
    {0x0132, 0x0136, 2, 1},     /* Ĳ to Ķ */
    {0x0139, 0x0147, 2, 1},     /* Ĺ to Ň */
    {0x014a, 0x0176, 2, 1},     /* Ŋ to Ŷ, among them Œ and Š */
    {0x0178, 0x0178, 1, -121},  /* Ÿ */
    {0x0179, 0x017d, 2, 1},     /* Ź, Ż, Ž */
    {0x0200, 0x021e, 2, 1},     /* among them Ș and Ț */
    {0x1e00, 0x1e94, 2, 1},     /* Ḁ to Ẕ */
    {0x1e9e, 0x1e9e, 1, -7615}, /* ẞ */
    {0x1ea0, 0x1efe, 2, 1},     /* Vietnamese */
};

/* Only 2 and 3 bytes: no letter of the table takes another number. */
static unsigned decode(const char *text, size_t used)
{
    const unsigned char *bytes = (const unsigned char *)text;
    return used == 2 ? (bytes[0] & 0x1fU) << 6 | (bytes[1] & 0x3fU)
                     : (bytes[0] & 0x0fU) << 12 | (bytes[1] & 0x3fU) << 6 |
                           (bytes[2] & 0x3fU);
}

static unsigned fold(unsigned code)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct fold_range *range = &ranges[i];
        if (code >= range->first && code <= range->last &&
            (code - range->first) % range->step == 0)
            return (unsigned)((int)code + range->distance);
    }
    return code;
}

/* Writes the character folded, and returns how many bytes that took: never
 * more than it had. */
static size_t fold_character(char *to, const char *text, size_t used)
{
    unsigned code = used < 4 ? decode(text, used) : 0;
    unsigned small = fold(code);
    if (small != code)
        return utf8_encode(to, small);
    memcpy(to, text, used);
    return used;
}

void fold_append(struct buffer *out, const char *text, size_t length)
{
    size_t used;
    char *to = buffer_reserve(out, length);
    if (to == NULL)
        return;
    for (size_t i = 0; i < length; i += used) {
        char byte = text[i];
        used = 1;
        /* Two branches: a search comes here with each byte of a catalogue. */
        if (byte >= 'A' && byte <= 'Z')
            *to++ = fold_ascii(byte);
        else if ((unsigned char)byte < 0x80)
            *to++ = byte;
        else if (utf8_character(text + i, length - i, &used))
            to += fold_character(to, text + i, used);
        else {
            used = 1;
            *to++ = byte;
        }
    }
    *to = '\0';
    out->length = (size_t)(to - out->data);
}
