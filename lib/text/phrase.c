/* SPDX-License-Identifier: MIT */
#include "phrase.h"

#include <string.h>

char phrase_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool phrase_is_in(const char *text, size_t length, const char *phrase)
{
    size_t wanted = strlen(phrase);
    for (size_t at = 0; at + wanted <= length; at++) {
        size_t i = 0;
        while (
            i < wanted && phrase_lower(text[at + i]) == phrase_lower(phrase[i]))
            i++;
        if (i == wanted)
            return true;
    }
    return false;
}
