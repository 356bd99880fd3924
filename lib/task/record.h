/* SPDX-License-Identifier: MIT */
/* What became of a task, and the record of it that done/ keeps. */
#ifndef STOFLOW_RECORD_H
#define STOFLOW_RECORD_H

#include "account.h"
#include "action.h"
#include "buffer.h"
#include "error.h"
#include "json.h"
#include "task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_sizes {
    RECORD_ERROR_MAX = 500 /* characters of "error", as the guide's model */
};

/* What is said of a task, in the order in which one word takes the place of
 * another that is not the plugin's own: its own stands against all. */
enum record_word {
    WORD_DECLARED,  /* a failure that only we declared */
    WORD_UNKNOWN,   /* the plugin's, that it does not know what became of it */
    WORD_NOT_FOUND, /* settled: what it was to make is not on Vinted */
    WORD_FAILED,    /* the plugin's own */
    WORD_FOUND,     /* settled: it is there */
    WORD_COMPLETED  /* the plugin's own */
};

/* Whether the word that stands gives way to another. */
bool record_gives_way(enum record_word standing, enum record_word word);

/* A verdict is the plugin's word on a task, or ours where it gave none. */
struct verdict {
    bool completed;
    const char *result; /* one JSON value, or NULL for null */
    size_t result_length;
    const char *error; /* UTF-8, or NULL for null */
    size_t error_length;
    const char *executed_at; /* one JSON value, or NULL for null */
    size_t executed_at_length;
    int64_t execution_time_ms; /* < 0: null */
    const char *account; /* {"id":…,"login":…} as result_read writes it: who was
                          * signed in at Vinted; NULL where it was not told */
    size_t account_length;
    int64_t requests;    /* sent to Vinted for it; 0: none, < 0: not told */
    const char *partial; /* why a list is not whole; NULL: not told, or none */
    size_t partial_length;
    const char *declared; /* "timeout", "expired", …: only we say so; NULL:
                           * the plugin's own word */
    bool unknown;         /* a failure, and nobody knows whether the task took
                           * effect on Vinted */
    bool settled;         /* what became of it was found out later, by a look at
                           * the wardrobe or by the seller: "found", or where it
                           * did not complete "not found" */
    const char *leases;   /* a JSON array, or NULL where it cannot be told: the
                           * leases whose holder said so or, where only we say
                           * so, whose holder's word would take its place */
    size_t leases_length;
};

/* What of a record the queue itself needs later. */
struct record_head {
    int64_t user;
    char id[ID_LENGTH_MAX + 1];
    char action[ACTION_LENGTH_MAX + 1];
    bool completed;
    bool unknown; /* a failure whose outcome nobody knows */
    enum record_word word;
    enum ingest_kind ingest; /* what it means to the catalogue */
    int64_t completed_at;    /* moment */
};

/* Reads and parses the record at `path`, of any size. Errors of file_read and
 * json_parse_own; ERROR_SYNTAX also where it lacks a task_id, or a status that
 * says success or failure. Only after ERROR_NONE both are to be freed. */
enum error record_open(const struct spool *spool, struct path path,
    struct buffer *text, struct json_document *document);

/* Reads the head of the record at `path`. ERROR_SYNTAX if it is no record;
 * other errors of record_open. */
enum error record_load_head(
    const struct spool *spool, struct path path, struct record_head *head);

/* Loads the task that the record at `path` is about, as it was when it was
 * claimed: for a verdict that replaces the record's. ERROR_SYNTAX if it is no
 * record of that task; other errors of task_load. */
enum error record_load_task(const struct account *account, struct path path,
    const char *id, struct task *task);

/* Composes the record. An error text of more than RECORD_ERROR_MAX
 * characters is cut and ends in an ellipsis, so that the cut shows. */
void record_write(struct buffer *out, const struct task *task,
    const struct verdict *verdict, int64_t completed_at);

/* Appends the members that stand before "result", which may be megabytes, as
 * one JSON object; no more of the file is read than that takes, and a little.
 * Ours all have it last; where a person has put other members behind it, those
 * are missing, and where the file is no JSON object, so is this.
 * ERROR_NOT_FOUND, ERROR_TYPE (no regular file), ERROR_MEMORY, ERROR_IO. */
enum error record_read_brief(
    const struct spool *spool, struct path path, struct buffer *out);

/* Of a record that record_open has read. ERROR_NONE: it says the same as the
 * verdict, the same success and the same result and error, white space between
 * tokens aside. ERROR_EXISTS: it says something else. ERROR_MEMORY. */
enum error record_compare(
    struct json_value record, const struct verdict *verdict);

/* Whether it is a failure of which nobody knows whether it took effect. */
bool record_is_unknown(struct json_value record);

/* What kind of word the verdict is. */
enum record_word record_find_word(const struct verdict *verdict);

/* Whether the record may be of that lease ("": of whichever): it bears it, or
 * it cannot be told. */
bool record_fits_lease(struct json_value record, const char *lease);

#endif
