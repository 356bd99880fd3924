/* SPDX-License-Identifier: MIT */
#include "item_id.h"

enum error item_id_parse(const char *text, size_t length, uint64_t *id)
{
    uint64_t number = 0;
    if (length == 0 || text[0] == '0')
        return ERROR_TYPE;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (text[i] < '0' || text[i] > '9')
            return ERROR_TYPE;
        if (number > (UINT64_MAX - digit) / 10)
            return ERROR_RANGE;
        number = (number * 10) + digit;
    }
    *id = number;
    return ERROR_NONE;
}

enum error item_id_read(struct json_value value, uint64_t *id)
{
    size_t length;
    const char *text = json_raw(value, &length);
    if (json_is(value, JSON_STRING)) {
        text++; /* digits need no escape, so what stands there is the value */
        length -= 2;
    }
    return item_id_parse(text, length, id);
}
