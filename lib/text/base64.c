/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <b64/cdecode.h>

enum {
    /* libb64 counts in int; whole groups of four. */
    DECODED_AT_ONCE = 1 << 20
};

/* The value of a letter (RFC 4648 table 1), -1 for any other byte. */
static int letter_value(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    if (letter == '+')
        return 62;
    return letter == '/' ? 63 : -1;
}

static size_t padding_length(const char *text, size_t length)
{
    size_t padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    return padding;
}

/* Of the last letter before "=" two bits stand for nothing, before "==" four.
 * They must be zero, or several texts would mean the same bytes. */
static bool leftover_is_zero(char last_letter, size_t padding)
{
    static const int masks[] = {0, 0x3, 0xF};
    return (letter_value(last_letter) & masks[padding]) == 0;
}

/* Whether text is base64; *padding then says how many "=" it ends with. */
static bool is_valid(const char *text, size_t length, size_t *padding)
{
    *padding = padding_length(text, length);
    if (length % 4 != 0)
        return false;
    for (size_t i = 0; i < length - *padding; i++) {
        if (letter_value(text[i]) < 0)
            return false;
    }
    return length == 0 ||
           leftover_is_zero(text[length - 1 - *padding], *padding);
}

enum error base64_decode(struct buffer *out, const char *text, size_t length)
{
    size_t padding;
    if (!is_valid(text, length, &padding))
        return ERROR_SYNTAX;
    /* libb64 writes one byte past what it decoded. */
    if (buffer_reserve(out, (length / 4 * 3) + 1) == NULL)
        return ERROR_MEMORY;
    /* Padding is kept from libb64: it knows no padding, only foreign bytes,
     * and tells those by a sign that plain char need not have. */
    size_t left = length - padding;
    while (left > 0) {
        size_t count = left < DECODED_AT_ONCE ? left : DECODED_AT_ONCE;
        base64_decodestate state;
        base64_init_decodestate(&state);
        out->length += (size_t)base64_decode_block(
            text, (int)count, out->data + out->length, &state);
        text += count;
        left -= count;
    }
    out->data[out->length] = '\0';
    return ERROR_NONE;
}
