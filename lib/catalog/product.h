/* SPDX-License-Identifier: MIT */
/* One product: a line of products/42.ndjson, or what one result tells about
 * one product. Both are the same structure, so that taking in a result is one
 * product_merge (product_merge.h).
 *
 * Each field carries the moment it is known to have been true. A merge takes
 * the newer value of each field, so a result that comes late or twice undoes
 * nothing. Three facts stand beside the fields: when the product was first and
 * last seen to exist, and since when it is missing. One that is missing from a
 * complete list may only have moved between its pages: it keeps its state, and
 * is gone when the next such list lacks it as well. */
#ifndef STOFLOW_PRODUCT_H
#define STOFLOW_PRODUCT_H

#include "buffer.h"
#include "error.h"
#include "json.h"
#include "line_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order in which they stand in a line, between "id" and "first_seen";
 * the names and types are in product.c. */
enum product_field {
    PRODUCT_TITLE,
    PRODUCT_PRICE,     /* string, as decimal.h writes it */
    PRODUCT_CURRENCY,  /* string, as Vinted names it: "EUR" */
    PRODUCT_BRAND,     /* string */
    PRODUCT_BRAND_ID,  /* whole number */
    PRODUCT_SIZE,      /* string */
    PRODUCT_CONDITION, /* string: what Vinted calls status, "Bon état" */
    PRODUCT_STATUS,    /* string: one of those below */
    PRODUCT_URL,
    PRODUCT_PHOTOS, /* array of URLs; "photo", the first, is derived */
    PRODUCT_DESCRIPTION,
    PRODUCT_VIEW_COUNT, /* whole numbers, not negative */
    PRODUCT_FAVOURITE_COUNT,
    PRODUCT_MESSAGE_COUNT,
    PRODUCT_PUBLISHED_AT, /* string, as clock_format_iso writes it */
    PRODUCT_LISTED_BY,    /* string: ID of the task that has listed it */
    PRODUCT_TWIN_OF,      /* whole number: which it may be listed twice */
    PRODUCT_FIELDS        /* how many there are */
};

/* The value of PRODUCT_STATUS. As JSON, hence the quotes. */
#define PRODUCT_ACTIVE "\"active\""
#define PRODUCT_RESERVED "\"reserved\""
#define PRODUCT_SOLD "\"sold\""
#define PRODUCT_HIDDEN "\"hidden\""
#define PRODUCT_DRAFT "\"draft\""
#define PRODUCT_CLOSED "\"closed\""
#define PRODUCT_GONE "\"gone\"" /* missing in two complete lists in a row */
#define PRODUCT_DELETED "\"deleted\"" /* removed by one of our tasks */

/* What is longer is no text of an item, and would make lines that no reader of
 * the catalogue takes whole: it counts as not told. */
enum product_limits {
    PRODUCT_TEXT_MOST = 1 << 16,   /* bytes of a text, or of a URL, as JSON */
    PRODUCT_PHOTOS_MOST = 1 << 18, /* bytes of URLs after which none is added */
    PRODUCT_TEXTS = 9,             /* fields that are a text */
    PRODUCT_BESIDES = 1 << 13      /* bytes of all else in a line of ours */
};

_Static_assert(((PRODUCT_TEXTS + 2) * PRODUCT_TEXT_MOST) + PRODUCT_PHOTOS_MOST +
                       PRODUCT_BESIDES <=
                   LINE_MAX_LENGTH,
    "texts, photos, the last of them and \"photo\" make a line that is read");

/* Before every moment: not known when, or not seen at all. */
static const int64_t product_never = INT64_MIN;

/* A value's JSON text within `text` of its product; length 0: not known. */
struct product_value {
    size_t start;
    size_t length;
    int64_t moment;
};

struct product {
    uint64_t id;
    int64_t first_seen;
    int64_t seen_at;       /* product_never: only its removal was observed */
    int64_t missing_since; /* when the first list began, of those since it was
                            * seen, that lacks it; product_never: none does */
    /* An observed status without a moment: an item that tells no state. */
    struct product_value values[PRODUCT_FIELDS];
    struct product_value others; /* members that are none of ours, kept */
    struct buffer text;
};

#define PRODUCT_EMPTY {.text = BUFFER_EMPTY}

/* Forgets everything but the memory; then nothing is known but the id. */
void product_start(struct product *product, uint64_t id);
void product_free(struct product *product);

/* Remembers that a field was json[0..length) at `moment`. A lack of memory
 * shows in product->text.failed. */
void product_set(struct product *product, enum product_field field,
    const char *json, size_t length, int64_t moment);

/* The same for JSON that is a C string. */
void product_set_text(struct product *product, enum product_field field,
    const char *json, int64_t moment);

/* The same for a field that is a string, from its characters. */
void product_set_string(struct product *product, enum product_field field,
    const char *text, int64_t moment);

bool product_knows(const struct product *product, enum product_field field);

/* The JSON text of a field, not NUL-terminated, "" and 0 if not known; valid
 * until the product changes. */
const char *product_json(
    const struct product *product, enum product_field field, size_t *length);

/* Remembers that the product existed at `moment`. */
void product_seen(struct product *product, int64_t moment);

/* Remembers that a complete list which began at `moment` lacks it. */
void product_missing(struct product *product, int64_t moment);

/* Forgets since when anything is known that is said to be so since after
 * `latest`: it was written while the clock was ahead, or by hand. What is known
 * stays, and gives way to whatever is observed, as first_seen does by itself.
 * Whether there was any. */
bool product_doubt(struct product *product, int64_t latest);

/* Reads a line of the catalogue. ERROR_TYPE if it is no object, has no id, or
 * a member of ours is of the wrong type; ERROR_MEMORY. */
enum error product_read(struct product *product, struct json_value row);

/* Appends the product as one line of JSON, without a newline. */
void product_write(const struct product *product, struct buffer *out);

#endif
