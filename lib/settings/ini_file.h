/* SPDX-License-Identifier: MIT */
/* Reading .ini files strictly through inih. The packaged inih splits long
 * lines, cuts section names and values, and joins indented lines, all without
 * a word; here each of these is an error that names the line. */
#ifndef STOFLOW_INI_FILE_H
#define STOFLOW_INI_FILE_H

#include "error.h"

#include <stddef.h>

enum ini_limits {
    INI_LINE_MAX = 198,   /* bytes of a line without its newline */
    INI_SECTION_MAX = 49, /* bytes of a section's name */
    INI_FILE_MAX = 65536, /* bytes of a file */
    INI_ENTRIES_MAX = 512 /* of a file: each is compared with all before it */
};

/* What went wrong, for a person: `line` from 1 (0: the file as a whole). */
struct ini_fault {
    int line;
    char reason[160];
};

/* To be written behind the file's name: ", line 3", or "" where the fault is
 * that of the file as a whole. */
struct ini_place {
    char text[24];
};

struct ini_place ini_fault_place(const struct ini_fault *fault);

/* Called once for each key. Returns NULL, or why the entry is refused (static
 * storage); reading then stops. Duplicates never reach it. */
typedef const char *ini_entry_function(
    void *context, const char *section, const char *key, const char *value);

/* Reads text[0..length) (the content of one .ini file). ERROR_SYNTAX for
 * anything inih would split, cut or guess at (over-long line or section name,
 * indented line, a NUL byte outside a comment, a value with " ;" that inih
 * would cut, a line that is neither section, entry, comment nor blank), for a
 * key that stands twice in one section, for more than INI_ENTRIES_MAX of them,
 * and for an entry the function refuses;
 * *fault then says where and why, and the caller must not use what it got
 * before. ERROR_TOO_LARGE over INI_FILE_MAX; ERROR_MEMORY. */
enum error ini_text_read(const char *text, size_t length,
    ini_entry_function *entry, void *context, struct ini_fault *fault);

#endif
