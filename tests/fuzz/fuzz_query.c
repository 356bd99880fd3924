/* SPDX-License-Identifier: MIT */
/* The query of a URL: what is read, encoded and read again is the same. */
#include "fuzz.h"

#include "query.h"

#include <stdlib.h>
#include <string.h>

static void encode(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == ' ')
            buffer_append_byte(out, '+');
        else if (strchr("%&=+", *text) != NULL || (unsigned char)*text >= 0x80)
            buffer_append_format(out, "%%%02x", (unsigned char)*text);
        else
            buffer_append_byte(out, *text);
    }
}

/* Encodes all parameters; an empty key needs its "=". */
static void encode_all(struct buffer *out, const struct query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        buffer_append_byte(out, '&');
        encode(out, query->text.data + query->parameters[i].key);
        buffer_append_byte(out, '=');
        encode(out, query->text.data + query->parameters[i].value);
    }
}

static void try_again(const struct query *first)
{
    struct buffer encoded = BUFFER_EMPTY;
    struct query second;
    encode_all(&encoded, first);
    fuzz_require(query_parse(&second, buffer_text(&encoded)) == ERROR_NONE);
    fuzz_require(second.count == first->count);
    fuzz_require(fuzz_same(&second.text, &first->text));
    for (size_t i = 0; i < first->count; i++) {
        const char *key = first->text.data + first->parameters[i].key;
        fuzz_require(strcmp(query_get(&second, key),
                         first->text.data + first->parameters[i].value) == 0);
    }
    query_free(&second);
    buffer_free(&encoded);
}

void fuzz_one(const char *text, size_t length)
{
    char *string = fuzz_string((struct fuzz_part){text, length});
    struct query query;
    if (query_parse(&query, string) == ERROR_NONE) {
        fuzz_require(query.count <= QUERY_PARAMETERS_MAX);
        try_again(&query);
    }
    query_free(&query);
    free(string);
}
