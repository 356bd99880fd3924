/* SPDX-License-Identifier: MIT */
#include "json_oracle.h"

#include <stdlib.h>
#include <string.h>

/* Each rule_ function takes where its rule may begin and returns where it
 * ends, or NULL if the text does not follow it. A NULL passed in comes out. */
struct span {
    const unsigned char *end;
};

typedef const unsigned char *place;

static place rule_value(struct span span, place at);

static place rule_space(struct span span, place at)
{
    while (at != NULL && at < span.end && *at != 0 &&
           strchr("\x20\x09\x0A\x0D", *at) != NULL)
        at++;
    return at;
}

static place rule_text(struct span span, place at, const char *text)
{
    size_t length = strlen(text);
    if (at == NULL || (size_t)(span.end - at) < length ||
        memcmp(at, text, length) != 0)
        return NULL;
    return at + length;
}

/* structural characters stand between optional white space */
static place rule_sign(struct span span, place at, const char *sign)
{
    return rule_space(span, rule_text(span, rule_space(span, at), sign));
}

static place rule_any_of(struct span span, place at, const char *set)
{
    if (at == NULL || at >= span.end || *at == 0 || strchr(set, *at) == NULL)
        return NULL;
    return at + 1;
}

static place rule_many_of(struct span span, place at, const char *set)
{
    place next = at;
    while (next != NULL) {
        at = next;
        next = rule_any_of(span, at, set);
    }
    return at;
}

static place rule_digits(struct span span, place at)
{
    at = rule_any_of(span, at, "0123456789");
    return rule_many_of(span, at, "0123456789");
}

/* number = [ minus ] int [ frac ] [ exp ] */
static place rule_number(struct span span, place at)
{
    place next = rule_text(span, at, "-");
    at = next == NULL ? at : next;
    next = rule_text(span, at, "0");
    if (next == NULL) {
        next = rule_any_of(span, at, "123456789");
        next = rule_many_of(span, next, "0123456789");
    }
    at = next;
    next = rule_text(span, at, ".");
    at = next == NULL ? at : rule_digits(span, next);
    next = rule_any_of(span, at, "eE");
    if (next == NULL)
        return at;
    at = rule_any_of(span, next, "+-");
    return rule_digits(span, at == NULL ? next : at);
}

/* How long a character beyond ASCII is by its first byte, 0 for none. */
static size_t character_length(unsigned char first)
{
    if (first >> 5 == 6)
        return 2;
    if (first >> 4 == 14)
        return 3;
    return first >> 3 == 30 ? 4 : 0;
}

/* One character beyond ASCII, judged by the number it stands for. */
static place rule_character(struct span span, place at)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = character_length(*at);
    if (length == 0 || (size_t)(span.end - at) < length)
        return NULL;
    unsigned long code = *at & (0xFFUL >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (at[i] >> 6 != 2)
            return NULL;
        code = code << 6 | (at[i] & 0x3FUL);
    }
    if (code < least[length] || code > 0x10FFFF || code >> 11 == 0xD800 >> 11)
        return NULL;
    return at + length;
}

/* \uXXXX with its four digits at `at`; *code receives their value. */
static place rule_code(struct span span, place at, long *code)
{
    place end = rule_text(span, at, "\\u");
    char digits[5] = "";
    for (int i = 0; i < 4; i++) {
        end = rule_any_of(span, end, "0123456789abcdefABCDEF");
        if (end == NULL)
            return NULL;
        digits[i] = (char)end[-1];
    }
    *code = strtol(digits, NULL, 16);
    return end;
}

static place rule_escape(struct span span, place at)
{
    long code, low;
    place end = rule_code(span, at, &code);
    if (end == NULL)
        return rule_any_of(span, at + 1, "\"\\/bfnrt");
    if (code >= 0xDC00 && code <= 0xDFFF)
        return NULL;
    if (code < 0xD800 || code > 0xDBFF)
        return end;
    end = rule_code(span, end, &low);
    return end != NULL && low >= 0xDC00 && low <= 0xDFFF ? end : NULL;
}

static place rule_string(struct span span, place at)
{
    at = rule_text(span, at, "\"");
    while (at != NULL && at < span.end) {
        if (*at == '"')
            return at + 1;
        if (*at == '\\')
            at = rule_escape(span, at);
        else if (*at >= 0x80)
            at = rule_character(span, at);
        else
            at = *at < 0x20 ? NULL : at + 1;
    }
    return NULL;
}

static place rule_member(struct span span, place at)
{
    return rule_value(span, rule_sign(span, rule_string(span, at), ":"));
}

typedef place rule(struct span span, place at);

/* open [ item *( comma item ) ] close */
static place rule_list(
    struct span span, place at, const char *open, rule *item, const char *close)
{
    place inside = rule_sign(span, at, open);
    place empty = rule_text(span, inside, close);
    if (empty != NULL)
        return empty;
    for (at = item(span, inside); at != NULL; at = item(span, at)) {
        place end = rule_text(span, rule_space(span, at), close);
        if (end != NULL)
            return end;
        at = rule_sign(span, at, ",");
    }
    return NULL;
}

static place rule_value(struct span span, place at)
{
    place ends[] = {rule_text(span, at, "true"), rule_text(span, at, "false"),
        rule_text(span, at, "null"), rule_string(span, at),
        rule_number(span, at)};
    if (rule_text(span, at, "[") != NULL)
        return rule_list(span, at, "[", rule_value, "]");
    if (rule_text(span, at, "{") != NULL)
        return rule_list(span, at, "{", rule_member, "}");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i] != NULL)
            return ends[i];
    }
    return NULL;
}

bool json_oracle_accepts(const char *text, size_t length)
{
    place start = (place)text;
    struct span span = {start + length};
    place end = rule_value(span, rule_space(span, start));
    return rule_space(span, end) == span.end;
}
