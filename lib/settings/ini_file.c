/* SPDX-License-Identifier: MIT */
#include "ini_file.h"

#include "buffer.h"
#include "utf8.h"

#include <ini.h>

#include <stdio.h>
#include <string.h>

/* inih pulls line after line out of read_line, which lets none pass that inih
 * would not take exactly as it stands, and hands each entry to take_entry. The
 * first fault makes read_line pretend that the text has ended. */
struct ini_reading {
    const char *at;
    const char *end;
    int line; /* number of the line inih has now, from 1 */
    ini_entry_function *entry;
    void *context;
    int entries;        /* so far */
    struct buffer seen; /* section NUL key NUL, for each of them */
    struct ini_fault *fault;
    enum error error;
};

struct ini_place ini_fault_place(const struct ini_fault *fault)
{
    struct ini_place place = {""};
    if (fault->line > 0)
        snprintf(place.text, sizeof place.text, ", line %d", fault->line);
    return place;
}

static void set_fault(
    struct ini_reading *reading, enum error error, const char *reason)
{
    reading->error = error;
    reading->fault->line = reading->line;
    snprintf(
        reading->fault->reason, sizeof reading->fault->reason, "%s", reason);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Why a byte may not stand anywhere in a line, or NULL. */
static const char *byte_fault(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)line[i];
        if (byte == '\0')
            return "a NUL byte";
        if ((byte < ' ' && byte != '\t') || byte == 0x7F)
            return "a control character";
    }
    return NULL;
}

/* A section's line, without blanks at its end. */
static const char *section_fault(const char *line, size_t length)
{
    const char *close = memchr(line, ']', length);
    if (close == NULL)
        return "the ] of the section is missing";
    if (close != line + length - 1)
        return "text behind the ] of the section";
    if (length == 2)
        return "the section has no name";
    if (length - 2 > INI_SECTION_MAX)
        return "the section's name is too long";
    if (is_blank(line[1]) || is_blank(line[length - 2]))
        return "a blank at the edge of the section's name";
    return NULL;
}

/* inih takes a semicolon behind a blank for the beginning of a comment. */
static bool has_inline_comment(const char *line, size_t length)
{
    for (size_t i = 1; i < length; i++) {
        if (line[i] == ';' && is_blank(line[i - 1]))
            return true;
    }
    return false;
}

static const char *entry_fault(const char *line, size_t length)
{
    const char *equals = memchr(line, '=', length);
    if (equals == NULL)
        return "neither a section, nor key = value, nor a comment";
    if (equals == line)
        return "the key is missing";
    /* inih would end the key at the colon. */
    if (memchr(line, ':', (size_t)(equals - line)) != NULL)
        return "a colon in the key";
    return NULL;
}

/* Why inih would not take a line, which is no comment, as it stands, or NULL.
 */
static const char *line_fault(const char *line, size_t length)
{
    const char *fault = byte_fault(line, length);
    if (fault != NULL)
        return fault;
    while (length > 0 && is_blank(line[length - 1]))
        length--;
    if (length == 0)
        return NULL;
    if (is_blank(line[0]))
        return "the line is indented";
    if (utf8_mark(line, length) > 0)
        return "a byte order mark that is not in front of the text";
    if (has_inline_comment(line, length))
        return "a semicolon behind a blank would begin a comment";
    return line[0] == '[' ? section_fault(line, length)
                          : entry_fault(line, length);
}

/* A line as it stands in the text, `length` without what ends it. */
struct ini_line {
    const char *text;
    size_t taken; /* with what ends it */
    size_t length;
};

static struct ini_line next_line(const struct ini_reading *reading)
{
    size_t left = (size_t)(reading->end - reading->at);
    const char *newline = memchr(reading->at, '\n', left);
    if (newline == NULL)
        return (struct ini_line){reading->at, left, left};
    size_t length = (size_t)(newline - reading->at);
    return (struct ini_line){reading->at, length + 1, length};
}

/* Most lines of a shipped file are comments or empty. inih would look at each
 * of their characters, so it does not get them. */
static bool is_skipped(const struct ini_line *line)
{
    return line->length == 0 || line->text[0] == ';' || line->text[0] == '#';
}

/* Why the line may not stand there, or NULL. A comment may hold anything. */
static const char *whole_line_fault(const struct ini_line *line, size_t size)
{
    if (line->length > INI_LINE_MAX || line->taken >= size)
        return "the line is too long";
    if (is_skipped(line))
        return NULL;
    bool is_dos =
        line->taken > line->length && line->text[line->length - 1] == '\r';
    return line_fault(line->text, line->length - is_dos);
}

/* Called by inih in the manner of fgets(3), with the size of its own buffer. */
static char *read_line(char *out, int size, void *stream)
{
    struct ini_reading *reading = stream;
    struct ini_line line;
    do {
        if (reading->error != ERROR_NONE || reading->at == reading->end)
            return NULL;
        line = next_line(reading);
        reading->line++;
        reading->at += line.taken;
        const char *fault = whole_line_fault(&line, (size_t)size);
        if (fault != NULL) {
            set_fault(reading, ERROR_SYNTAX, fault);
            return NULL;
        }
    } while (is_skipped(&line));
    memcpy(out, line.text, line.taken);
    out[line.taken] = '\0';
    return out;
}

static bool is_seen(
    const struct buffer *seen, const char *section, const char *key)
{
    size_t at = 0;
    while (at < seen->length) {
        const char *seen_section = seen->data + at;
        const char *seen_key = seen_section + strlen(seen_section) + 1;
        if (strcmp(seen_section, section) == 0 && strcmp(seen_key, key) == 0)
            return true;
        at = (size_t)(seen_key - seen->data) + strlen(seen_key) + 1;
    }
    return false;
}

/* Called by inih for each entry; it wants nonzero if all is well. */
static int take_entry(
    void *context, const char *section, const char *key, const char *value)
{
    struct ini_reading *reading = context;
    if (++reading->entries > INI_ENTRIES_MAX) {
        set_fault(reading, ERROR_SYNTAX, "more than 512 entries");
        return 0;
    }
    if (is_seen(&reading->seen, section, key)) {
        set_fault(reading, ERROR_SYNTAX, "the key stands twice in its section");
        return 0;
    }
    buffer_append(&reading->seen, section, strlen(section) + 1);
    buffer_append(&reading->seen, key, strlen(key) + 1);
    if (reading->seen.failed) {
        set_fault(reading, ERROR_MEMORY, error_text(ERROR_MEMORY));
        return 0;
    }
    const char *refusal = reading->entry(reading->context, section, key, value);
    if (refusal != NULL) {
        set_fault(reading, ERROR_SYNTAX, refusal);
        return 0;
    }
    return 1;
}

enum error ini_text_read(const char *text, size_t length,
    ini_entry_function *entry, void *context, struct ini_fault *fault)
{
    const char *other = utf8_other(text, length);
    struct ini_reading reading = {text + utf8_mark(text, length), text + length,
        0, entry, context, 0, BUFFER_EMPTY, fault, ERROR_NONE};
    if (length > INI_FILE_MAX)
        set_fault(&reading, ERROR_TOO_LARGE, "the file is too large");
    else if (other != NULL)
        set_fault(&reading, ERROR_SYNTAX, other);
    if (reading.error != ERROR_NONE)
        return reading.error;
    int result = ini_parse_stream(read_line, &reading, take_entry, &reading);
    buffer_free(&reading.seen);
    if (result != 0 && reading.error == ERROR_NONE) {
        reading.line = 0; /* inih's own number counts other lines */
        set_fault(&reading, result > 0 ? ERROR_SYNTAX : ERROR_MEMORY,
            "inih does not understand the line");
    }
    return reading.error;
}
