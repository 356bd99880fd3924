/* SPDX-License-Identifier: MIT */
/* One page of a catalogue: the products that pass a filter, in order of id,
 * from a cursor on. The cursor is the id of the page before's last product, so
 * what comes and goes between two pages moves nothing else. */
#ifndef STOFLOW_CATALOG_PAGE_H
#define STOFLOW_CATALOG_PAGE_H

#include "buffer.h"
#include "catalog_table.h"
#include "catalog_view.h"
#include "error.h"
#include "json_spans.h"
#include "product_filter.h"
#include "sink.h"

#include <stdbool.h>
#include <stdint.h>

struct catalog_page {
    struct catalog_view view; /* open */
    struct product_filter filter;
    uint64_t after;                    /* id; 0: from the first product on */
    int64_t limit;                     /* products at the most; 0: all */
    const struct catalog_table *table; /* of CSV */
    struct json_spans spans;           /* of the line that is looked at */
    /* Set by each of the functions below: */
    uint64_t last; /* id of the last product on the page */
    bool more;     /* whether another follows it */
};

/* Appends the page as elements of a JSON array: the lines as the file has
 * them. In all of these, a line that is no JSON object is passed over. Errors
 * of catalog_view_next. */
enum error catalog_page_json(struct catalog_page *page, struct buffer *out);

/* For reply_stream; `context` is the page. Both give the same bytes each time
 * as long as nobody writes into the file that the view has open. Errors as
 * above. */
enum error catalog_page_csv(void *context, struct sink *sink);
enum error catalog_page_ndjson(void *context, struct sink *sink);

/* Gives back all that the page holds, its view and its filter. */
void catalog_page_close(struct catalog_page *page);

#endif
