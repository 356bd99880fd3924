/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "clock.h"
#include "json_mend.h"
#include "json_text.h"
#include "limit.h"
#include "number.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/* With parent links closing a bracket takes no search, and json_next knows
 * where an element belongs. */
#define JSMN_PARENT_LINKS
#define JSMN_STRICT
#define JSMN_STATIC
#include <jsmn.h>

static const struct json_value absent = {NULL, -1};

/* The library's token type has no tag in some of its releases, so the header
 * names it by one of ours, and it is converted back here and in json_parse. */
static const jsmntok_t *tokens_of(const struct json_document *document)
{
    return (const jsmntok_t *)document->tokens;
}

static const jsmntok_t *token_of(struct json_value value)
{
    return value.token < 0 ? NULL : &tokens_of(value.document)[value.token];
}

/* Whether the text, which holds one value, is a number, true, false or null: in
 * strict mode jsmn takes those inside of an array or object only. */
static bool is_bare(const char *text)
{
    while (strchr(" \t\r\n", *text) != NULL)
        text++;
    return strchr("[{\"", *text) == NULL;
}

static int tokenize_bare(const char *text, size_t length, jsmntok_t *token)
{
    size_t start = 0;
    while (strchr(" \t\r\n", text[start]) != NULL)
        start++;
    while (strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    *token = (jsmntok_t){JSMN_PRIMITIVE, (int)start, (int)length, 0, -1};
    return 1;
}

static int tokenize(
    const char *text, size_t length, jsmntok_t *tokens, size_t count)
{
    if (is_bare(text))
        return tokenize_bare(text, length, tokens);
    jsmn_parser parser;
    jsmn_init(&parser);
    return jsmn_parse(&parser, text, length, tokens, (unsigned int)count);
}

/* Cuts a text that was checked into `count` tokens. */
static enum error cut(struct json_document *document, const char *text,
    size_t length, size_t count, struct json_fault *fault)
{
    jsmntok_t *tokens = calloc(count, sizeof *tokens);
    if (tokens == NULL) {
        limit_memory_refused(count * sizeof *tokens);
        return ERROR_MEMORY;
    }
    int found = tokenize(text, length, tokens, count);
    if (found < 0 || (size_t)found != count) {
        free(tokens);
        *fault = (struct json_fault){0, "jsmn and json_check disagree"};
        return ERROR_SYNTAX;
    }
    *document = (struct json_document){
        text, length, (struct jsmntok *)tokens, found, NULL};
    return ERROR_NONE;
}

/* A copy of text that has halves of surrogate pairs, without them. */
static enum error cut_mended(struct json_document *document, const char *text,
    size_t length, size_t count, struct json_fault *fault)
{
    char *copy = malloc(length);
    if (copy == NULL) {
        limit_memory_refused(length);
        return ERROR_MEMORY;
    }
    memcpy(copy, text, length);
    json_mend(copy, length);
    enum error error = cut(document, copy, length, count, fault);
    if (error == ERROR_NONE)
        document->mended = copy;
    else
        free(copy);
    return error;
}

/* A byte order mark says nothing, but counts where a fault is told. */
static enum error parse(struct json_document *document, const char *text,
    size_t length, bool own, struct json_fault *fault)
{
    size_t count;
    size_t mark = utf8_mark(text, length);
    *document = (struct json_document){NULL, 0, NULL, 0, NULL};
    text += mark;
    length -= mark;
    enum error error = own ? json_check_own(text, length, &count, fault)
                           : json_check(text, length, &count, fault);
    if (error == ERROR_NONE)
        return cut(document, text, length, count, fault);
    if (error == ERROR_SYNTAX)
        error = json_check_grammar(text, length, own, &count, fault);
    if (error == ERROR_NONE)
        return cut_mended(document, text, length, count, fault);
    fault->offset += mark;
    return error;
}

enum error json_parse(struct json_document *document, const char *text,
    size_t length, struct json_fault *fault)
{
    return parse(document, text, length, false, fault);
}

enum error json_parse_own(struct json_document *document, const char *text,
    size_t length, struct json_fault *fault)
{
    return parse(document, text, length, true, fault);
}

void json_free(struct json_document *document)
{
    free(document->tokens);
    free(document->mended);
    *document = (struct json_document){NULL, 0, NULL, 0, NULL};
}

struct json_value json_root(const struct json_document *document)
{
    if (document->count == 0)
        return absent;
    return (struct json_value){document, 0};
}

enum json_type json_type(struct json_value value)
{
    const jsmntok_t *token = token_of(value);
    if (token == NULL)
        return JSON_ABSENT;
    if (token->type == JSMN_OBJECT)
        return JSON_OBJECT;
    if (token->type == JSMN_ARRAY)
        return JSON_ARRAY;
    if (token->type == JSMN_STRING)
        return JSON_STRING;
    char first = value.document->text[token->start];
    if (first == 'n')
        return JSON_NULL;
    return first == 't' || first == 'f' ? JSON_BOOLEAN : JSON_NUMBER;
}

bool json_is(struct json_value value, enum json_type type)
{
    return json_type(value) == type;
}

bool json_is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

const char *json_raw(struct json_value value, size_t *length)
{
    const jsmntok_t *token = token_of(value);
    *length = 0;
    if (token == NULL)
        return "";
    int quotes = token->type == JSMN_STRING; /* jsmn leaves them out */
    *length = (size_t)(token->end - token->start) + ((size_t)quotes * 2);
    return value.document->text + token->start - quotes;
}

size_t json_size(struct json_value container)
{
    enum json_type type = json_type(container);
    if (type != JSON_ARRAY && type != JSON_OBJECT)
        return 0;
    return (size_t)token_of(container)->size;
}

struct json_value json_first(struct json_value container)
{
    if (json_size(container) == 0)
        return absent;
    /* An object's first token is a key; its value comes right behind. */
    int skip = json_is(container, JSON_OBJECT) ? 2 : 1;
    return (struct json_value){container.document, container.token + skip};
}

/* The token of the key a value belongs to; < 0 if it is no member. A parent
 * that is a string is a key: nothing else can be inside of a string. */
static int key_token(struct json_value value)
{
    const jsmntok_t *token = token_of(value);
    if (token == NULL || token->parent < 0)
        return -1;
    bool is_member =
        tokens_of(value.document)[token->parent].type == JSMN_STRING;
    return is_member ? token->parent : -1;
}

/* The first token that begins behind the end of this one. Tokens are sorted by
 * where they begin, so whatever lies inside is skipped by doubling steps and
 * then halving the last of them: O(log n) however much it is. */
static int token_behind(const struct json_document *document, int token)
{
    const jsmntok_t *tokens = tokens_of(document);
    int end = tokens[token].end;
    int inside = token; /* the last token known to begin before `end` */
    int step = 1;
    while (
        step < document->count - inside && tokens[inside + step].start < end) {
        inside += step;
        step *= 2;
    }
    int behind =
        step < document->count - inside ? inside + step : document->count;
    while (behind - inside > 1) {
        int middle = inside + ((behind - inside) / 2);
        if (tokens[middle].start < end)
            inside = middle;
        else
            behind = middle;
    }
    return behind;
}

struct json_value json_next(struct json_value value)
{
    if (value.token < 0)
        return absent;
    const jsmntok_t *tokens = tokens_of(value.document);
    int key = key_token(value);
    int parent = tokens[key < 0 ? value.token : key].parent;
    int next = token_behind(value.document, value.token);
    if (parent < 0 || next >= value.document->count ||
        tokens[next].parent != parent)
        return absent;
    return (struct json_value){value.document, key < 0 ? next : next + 1};
}

static struct json_value key_of(struct json_value value)
{
    return (struct json_value){value.document, key_token(value)};
}

bool json_has_key(struct json_value value, const char *key)
{
    return json_string_equals(key_of(value), key);
}

void json_append_key(struct buffer *out, struct json_value value)
{
    json_string(key_of(value), out);
}

struct json_value json_member(struct json_value object, const char *key)
{
    struct json_value found = absent;
    if (!json_is(object, JSON_OBJECT))
        return absent;
    for (struct json_value member = json_first(object); member.token >= 0;
        member = json_next(member)) {
        if (json_has_key(member, key))
            found = member;
    }
    return found;
}

const char *json_raw_key(struct json_value value, size_t *length)
{
    return json_raw(key_of(value), length);
}

/* A fraction or an exponent makes it no whole number, however large. */
static bool is_whole(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' || text[i] == 'e' || text[i] == 'E')
            return false;
    }
    return true;
}

enum error json_integer(struct json_value value, int64_t *out)
{
    size_t length;
    const char *text = json_raw(value, &length);
    if (!json_is(value, JSON_NUMBER) || !is_whole(text, length))
        return ERROR_TYPE;
    /* JSON knows a minus zero, number_parse does not. */
    size_t skipped = length == 2 && memcmp(text, "-0", 2) == 0;
    return number_parse(text + skipped, length - skipped, out);
}

enum error json_boolean(struct json_value value, bool *out)
{
    if (!json_is(value, JSON_BOOLEAN))
        return ERROR_TYPE;
    size_t length;
    *out = json_raw(value, &length)[0] == 't';
    return ERROR_NONE;
}

enum error json_moment(struct json_value value, int64_t *out)
{
    size_t length;
    const char *text = json_raw(value, &length);
    return json_is(value, JSON_STRING)
               ? clock_parse_iso(text + 1, length - 2, out)
               : ERROR_TYPE;
}

enum error json_string(struct json_value value, struct buffer *out)
{
    if (!json_is(value, JSON_STRING))
        return ERROR_TYPE;
    size_t length;
    const char *text = json_raw(value, &length);
    json_text_append(out, text + 1, length - 2);
    return out->failed ? ERROR_MEMORY : ERROR_NONE;
}

bool json_string_equals(struct json_value value, const char *text)
{
    if (!json_is(value, JSON_STRING))
        return false;
    size_t length;
    const char *inside = json_raw(value, &length) + 1;
    return json_text_equals(inside, length - 2, text);
}
