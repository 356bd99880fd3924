/* SPDX-License-Identifier: MIT */
/* Any bytes, as text that is put into JSON, into CSV, into a search, and as
 * base64: what comes out again is what went in. */
#include "fuzz.h"

#include "base64.h"
#include "csv.h"
#include "fold.h"
#include "json.h"
#include "json_write.h"
#include "photo.h"
#include "utf8.h"

#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD";

/* Whether it is UTF-8; if so each character is encoded as it was. */
static bool is_utf8(const char *text, size_t length)
{
    size_t used;
    for (size_t at = 0; at < length; at += used) {
        if (!utf8_character(text + at, length - at, &used)) {
            fuzz_require(used < 4 && at + used <= length);
            return false;
        }
        fuzz_require(used >= 1 && used <= 4 && at + used <= length);
    }
    return true;
}

static void try_json(const char *text, size_t length)
{
    struct buffer written = BUFFER_EMPTY;
    struct buffer read = BUFFER_EMPTY;
    struct json_document document;
    struct json_fault fault;
    json_write_string(&written, text, length);
    fuzz_require(json_parse(&document, written.data, written.length, &fault) ==
                 ERROR_NONE);
    fuzz_require(json_string(json_root(&document), &read) == ERROR_NONE);
    bool same =
        read.length == length && memcmp(buffer_text(&read), text, length) == 0;
    fuzz_require(same == is_utf8(text, length));
    fuzz_require(is_utf8(buffer_text(&read), read.length));
    json_free(&document);
    buffer_free(&written);
    buffer_free(&read);
}

/* Reads one cell as RFC 4180 has it; returns where it ends. */
static const char *read_cell(
    struct buffer *out, const char *at, const char *end)
{
    if (at == end || *at != '"') {
        while (at < end && *at != ',' && *at != '\r')
            buffer_append_byte(out, *at++);
        return at;
    }
    for (at++; at < end; at++) {
        if (*at == '"') {
            at++;
            if (at == end || *at != '"')
                return at;
        }
        buffer_append_byte(out, *at);
    }
    fuzz_fail(__FILE__, __LINE__, "the quotes end");
}

/* Whether what is shown is the text but for apostrophes that it lacks, each of
 * them before what could begin a formula or at the very beginning. */
static bool is_shown(
    const struct buffer *shown, const char *text, size_t length)
{
    const char *at = buffer_text(shown);
    for (size_t i = 0; i < length; i++) {
        size_t expected = text[i] == '\0' ? strlen(replacement) : 1;
        const char *want = text[i] == '\0' ? replacement : text + i;
        if (*at == '\'' && text[i] != '\'')
            at++;
        if (memcmp(at, want, expected) != 0)
            return false;
        at += expected;
    }
    return at == buffer_text(shown) + shown->length;
}

/* Whether a cell begins with a formula for whom any of the separators is one,
 * and quotes and blanks are nothing. */
static bool computes(const struct buffer *row)
{
    bool begins = true;
    for (size_t i = 0; i < row->length; i++) {
        char byte = row->data[i];
        if (begins && byte != '\0' && strchr("=+-@", byte) != NULL)
            return true;
        begins = byte != '\0' && (strchr(",;\t|\r\n", byte) != NULL ||
                                     (begins && strchr(" \"", byte) != NULL));
    }
    return false;
}

/* As a row of three cells, which stay apart. */
static void try_csv(const char *text, size_t length)
{
    struct buffer row = BUFFER_EMPTY;
    struct buffer have = BUFFER_EMPTY;
    for (int i = 0; i < 3; i++)
        csv_cell(&row, i == 0 ? '\0' : ',', text, length);
    csv_end_row(&row);
    fuzz_require(!computes(&row));
    const char *at = row.data;
    const char *end = row.data + row.length - 2;
    for (int i = 0; i < 3; i++) {
        buffer_clear(&have);
        at = read_cell(&have, at, end);
        fuzz_require(is_shown(&have, text, length));
        fuzz_require(i == 2 ? at == end : *at++ == ',');
    }
    fuzz_require(memcmp(end, "\r\n", 2) == 0);
    buffer_free(&row);
    buffer_free(&have);
}

/* Of a text that is UTF-8: between bytes that are not, what nobody sees may be
 * all that kept them apart. */
static void try_folding(const char *text, size_t length)
{
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    fold_append(&once, text, length);
    fuzz_require(once.length <= 11 * length);
    fold_append(&twice, buffer_text(&once), once.length);
    if (is_utf8(text, length)) {
        fuzz_require(fuzz_same(&once, &twice));
        fuzz_require(is_utf8(buffer_text(&once), once.length));
    }
    buffer_free(&once);
    buffer_free(&twice);
}

/* Three bytes, of which `count` are there, as four letters. */
static void encode_group(struct buffer *out, const char *bytes, size_t count)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char group[3] = {0, 0, 0};
    memcpy(group, bytes, count);
    unsigned bits =
        (unsigned)group[0] << 16 | (unsigned)group[1] << 8 | group[2];
    for (size_t i = 0; i <= count; i++)
        buffer_append_byte(out, letters[bits >> (18 - (6 * i)) & 63]);
    for (size_t i = count; i < 3; i++)
        buffer_append_byte(out, '=');
}

static void encode_base64(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i += 3)
        encode_group(out, text + i, length - i < 3 ? length - i : 3);
}

/* The bytes encoded and decoded again; and decoded as they are: if that can be
 * done they are what the result encodes to. */
static void try_base64(const char *text, size_t length)
{
    struct buffer encoded = BUFFER_EMPTY;
    struct buffer decoded = BUFFER_EMPTY;
    encode_base64(&encoded, text, length);
    fuzz_require(base64_decode(&decoded, buffer_text(&encoded),
                     encoded.length) == ERROR_NONE);
    fuzz_require(decoded.length == length &&
                 memcmp(buffer_text(&decoded), text, length) == 0);
    buffer_clear(&encoded);
    buffer_clear(&decoded);
    if (base64_decode(&decoded, text, length) == ERROR_NONE) {
        encode_base64(&encoded, buffer_text(&decoded), decoded.length);
        fuzz_require(encoded.length == length &&
                     memcmp(buffer_text(&encoded), text, length) == 0);
    }
    buffer_clear(&decoded);
    if (photo_decode(&decoded, text, length) != ERROR_NONE)
        fuzz_require(decoded.length == 0);
    buffer_free(&encoded);
    buffer_free(&decoded);
}

void fuzz_one(const char *text, size_t length)
{
    try_json(text, length);
    try_csv(text, length);
    try_folding(text, length);
    try_base64(text, length);
}
