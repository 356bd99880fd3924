/* SPDX-License-Identifier: MIT */
/* Results on their way into the catalogue: {"params":…,"result":…} as the
 * record of each kind of action, taken in twice. The catalogue is the same
 * after the second time, and after it was written and read. */
#include "fuzz.h"

#include "catalog.h"
#include "catalog_save.h"
#include "catalog_twin.h"
#include "file.h"
#include "follow.h"
#include "ingest_apply.h"
#include "ingest_calls.h"
#include "item_id.h"
#include "json.h"
#include "seller.h"

#include <string.h>

static const char catalogue[] = "spool/products/42.ndjson";

static struct ingest_record make_record(
    enum ingest_kind kind, struct json_value root)
{
    struct json_value account = json_member(root, "account");
    uint64_t signed_in = 0;
    item_id_read(json_member(account, "id"), &signed_in);
    return (struct ingest_record){.kind = kind,
        .root = root,
        .account = account,
        .signed_in = signed_in,
        .seller = signed_in,
        .params = json_member(root, "params"),
        .then = json_member(root, "then"),
        .result = json_member(root, "result"),
        .completed = INT64_C(1733565600000000),
        .started = INT64_C(1733565590000000)};
}

/* Takes the record in, and appends what the catalogue's file then holds. */
static void take_in(
    enum ingest_kind kind, struct json_value root, struct buffer *file)
{
    const struct fuzz_root *own = fuzz_root();
    struct catalog catalog;
    struct ingest_record record = make_record(kind, root);
    const char *why = NULL;
    buffer_clear(file);
    fuzz_require(catalog_load(&catalog, &own->account) == ERROR_NONE);
    fuzz_require(catalog.set_aside.length == 0);
    fuzz_require((kind == INGEST_CALLS ? ingest_calls : ingest_apply)(
                     &catalog, &record, &why) == ERROR_NONE);
    fuzz_require(catalog.set_aside.length == 0);
    fuzz_require(catalog_twin_settle(&catalog) == ERROR_NONE);
    fuzz_require(catalog_save(&catalog, &own->account) == ERROR_NONE);
    catalog_free(&catalog);
    fuzz_get(catalogue, file);
}

static void try_kind(enum ingest_kind kind, struct json_value root)
{
    struct buffer once = BUFFER_EMPTY;
    struct buffer twice = BUFFER_EMPTY;
    take_in(kind, root, &once);
    take_in(kind, root, &twice);
    fuzz_require(fuzz_same(&once, &twice));
    buffer_free(&once);
    buffer_free(&twice);
}

static void try_seller(struct json_value root)
{
    const struct fuzz_root *own = fuzz_root();
    struct json_value result = json_member(root, "result");
    const char *why = NULL;
    uint64_t number;
    uint64_t known = 0;
    enum error error =
        seller_observe(&own->account, result, INT64_C(1733565600000000), &why);
    fuzz_require(error == ERROR_NONE);
    fuzz_require(seller_read_number(result, &number) == (why == NULL));
    fuzz_require(seller_look_up(&own->account, &known) == ERROR_NONE);
    fuzz_require(why != NULL || known == number);
    struct draft next;
    if (follow_read(json_member(root, "then"), &next) == ERROR_NONE)
        fuzz_require(next.id[0] != '\0');
}

void fuzz_one(const char *text, size_t length)
{
    const struct fuzz_root *own = fuzz_root();
    struct json_document document;
    struct json_fault fault;
    if (json_parse(&document, text, length, &fault) != ERROR_NONE)
        return;
    file_remove(own->spool.directory, "products/42.ndjson");
    file_remove(own->spool.directory, "products/42.account");
    file_remove(own->spool.directory, "users/42.json");
    /* The list comes last, which tells what is beside what tasks have made. */
    for (int kind = INGEST_CALLS; kind >= INGEST_LIST; kind--)
        try_kind((enum ingest_kind)kind, json_root(&document));
    try_seller(json_root(&document));
    json_free(&document);
}
