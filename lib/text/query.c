/* SPDX-License-Identifier: MIT */
#include "query.h"

#include "utf8.h"

#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool is_utf8(const char *text, size_t length)
{
    size_t used;
    for (size_t i = 0; i < length; i += used) {
        if (!utf8_character(text + i, length - i, &used))
            return false;
    }
    return true;
}

static enum error decode(struct buffer *out, const char *text, size_t length)
{
    size_t start = out->length;
    for (size_t i = 0; i < length; i++) {
        char byte = text[i] == '+' ? ' ' : text[i];
        if (byte == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0)
                return ERROR_SYNTAX;
            byte = (char)((high * 16) + low);
            i += 2;
        }
        if (byte == '\0')
            return ERROR_SYNTAX;
        buffer_append_byte(out, byte);
    }
    if (out->failed)
        return ERROR_MEMORY;
    if (!is_utf8(buffer_text(out) + start, out->length - start))
        return ERROR_SYNTAX;
    buffer_append_byte(out, '\0');
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}

static enum error add_parameter(
    struct query *query, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t key_length = equals == NULL ? length : (size_t)(equals - text);
    struct query_parameter parameter;
    if (query->count == QUERY_PARAMETERS_MAX)
        return ERROR_TOO_LARGE;
    parameter.key = query->text.length;
    enum error error = decode(&query->text, text, key_length);
    if (error != ERROR_NONE)
        return error;
    parameter.value = query->text.length;
    const char *value = equals == NULL ? "" : equals + 1;
    error = decode(
        &query->text, value, equals == NULL ? 0 : length - key_length - 1);
    if (error != ERROR_NONE)
        return error;
    if (query_get(query, query->text.data + parameter.key) != NULL)
        return ERROR_CONFLICT;
    query->parameters[query->count++] = parameter;
    return ERROR_NONE;
}

enum error query_parse(struct query *query, const char *text)
{
    memset(query, 0, sizeof *query);
    if (text == NULL)
        return ERROR_NONE;
    while (*text != '\0') {
        size_t length = strcspn(text, "&");
        if (length > 0) {
            enum error error = add_parameter(query, text, length);
            if (error != ERROR_NONE)
                return error;
        }
        text += length + (text[length] == '&');
    }
    return ERROR_NONE;
}

void query_free(struct query *query)
{
    buffer_free(&query->text);
    query->count = 0;
}

const char *query_get(const struct query *query, const char *key)
{
    for (size_t i = 0; i < query->count; i++) {
        const struct query_parameter *parameter = &query->parameters[i];
        if (strcmp(query->text.data + parameter->key, key) == 0)
            return query->text.data + parameter->value;
    }
    return NULL;
}
