/* SPDX-License-Identifier: MIT */
/* Items in all shapes, and lines of a catalogue: what is known of a product is
 * the same after it was written and read, and taking in twice what was observed
 * changes nothing. The input is one JSON text a line. */
#include "fuzz.h"

#include "json.h"
#include "product.h"
#include "product_item.h"
#include "product_merge.h"
#include "seller.h"

#include <string.h>

static const int64_t moment = INT64_C(1733565600000000);

/* Writes it as a line, and reads that. */
static void write_and_read(
    const struct product *product, struct product *again, struct buffer *line)
{
    struct json_document document;
    struct json_fault fault;
    product_write(product, line);
    fuzz_require(!line->failed);
    fuzz_require(memchr(line->data, '\n', line->length) == NULL);
    fuzz_require(
        json_parse(&document, line->data, line->length, &fault) == ERROR_NONE);
    fuzz_require(product_read(again, json_root(&document)) == ERROR_NONE);
    json_free(&document);
}

static void expect_round_trip(const struct product *product)
{
    struct product again = PRODUCT_EMPTY;
    struct product third = PRODUCT_EMPTY;
    struct buffer first = BUFFER_EMPTY;
    struct buffer second = BUFFER_EMPTY;
    write_and_read(product, &again, &first);
    write_and_read(&again, &third, &second);
    fuzz_require(fuzz_same(&first, &second));
    product_free(&again);
    product_free(&third);
    buffer_free(&first);
    buffer_free(&second);
}

static void merge_into(
    struct product *known, const struct product *observed, struct buffer *line)
{
    product_merge(known, observed);
    buffer_clear(line);
    product_write(known, line);
}

/* Nothing changes when the same is taken in once more. */
static void expect_idempotent(
    struct product *known, const struct product *observed)
{
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    merge_into(known, observed, &once);
    merge_into(known, observed, &twice);
    fuzz_require(fuzz_same(&once, &twice));
    expect_round_trip(known);
    buffer_free(&once);
    buffer_free(&twice);
}

static void observe(struct product *product, struct json_value value)
{
    product_start(product, 7);
    product_read_item(product, value, moment);
    product_fill_item(product, value, moment);
    product_read_counts(product, value, moment);
    product_read_price(product, value, moment);
    expect_round_trip(product);
}

/* The line read before, if it was one, takes in what this one tells. */
static void try_value(struct product *known, struct json_value value)
{
    struct product observed = PRODUCT_EMPTY;
    struct product line = PRODUCT_EMPTY;
    uint64_t number;
    observe(&observed, value);
    known->id = 7;
    expect_idempotent(known, &observed);
    if (product_read(&line, value) == ERROR_NONE) {
        expect_round_trip(&line);
        line.id = 7;
        expect_idempotent(known, &line);
        expect_idempotent(&line, &observed);
    }
    if (seller_read_number(value, &number))
        fuzz_require(number >= 1);
    product_free(&observed);
    product_free(&line);
}

void fuzz_one(const char *text, size_t length)
{
    struct fuzz_part rest = {text, length};
    struct product known = PRODUCT_EMPTY;
    product_start(&known, 7);
    while (rest.length > 0) {
        struct json_document document;
        struct json_fault fault;
        struct fuzz_part line = fuzz_take_line(&rest);
        if (json_parse(&document, line.text, line.length, &fault) != ERROR_NONE)
            continue;
        try_value(&known, json_root(&document));
        json_free(&document);
    }
    product_free(&known);
}
