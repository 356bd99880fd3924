/* SPDX-License-Identifier: MIT */
#include "catalogue.h"

#include "complaints.h"
#include "kernel.h"
#include "tree.h"
#include "value.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int64_t moment_of(struct tree *tree, const struct value *value)
{
    int64_t moment = 0;
    const char *text = value_string(tree->pool, value);
    return text != NULL && grammar_moment(text, &moment) ? moment : 0;
}

/* What is gone was missing from two lists, the second of which began later. */
static bool is_absence_good(struct tree *tree, const struct value *product)
{
    const char *status =
        value_string(tree->pool, value_member(product, "status"));
    int64_t first = moment_of(tree, value_member(product, "missing_since"));
    int64_t last =
        moment_of(tree, value_member(value_member(product, "as_of"), "status"));
    return status == NULL || strcmp(status, "gone") != 0 ||
           (first != 0 && last > first);
}

static bool is_line_good(
    struct tree *tree, const char *line, size_t length, int64_t *last)
{
    const struct value *product = value_read(tree->pool, line, length);
    int64_t id = value_number(value_member(product, "id"), -1);
    bool good = id > *last && is_absence_good(tree, product);
    *last = id;
    return good;
}

/* The last moment that a product's line speaks of; 0: none. */
static int64_t latest_of(struct tree *tree, const struct value *product)
{
    int64_t seen = moment_of(tree, value_member(product, "seen_at"));
    int64_t missing = moment_of(tree, value_member(product, "missing_since"));
    int64_t latest = seen > missing ? seen : missing;
    const struct value *as_of = value_member(product, "as_of");
    for (const struct value *at = as_of->first; at != NULL; at = at->next) {
        int64_t moment = moment_of(tree, at);
        latest = moment > latest ? moment : latest;
    }
    return latest;
}

static const char *end_of_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline == NULL ? end : newline;
}

static const struct value *read_line(
    struct tree *tree, const char *at, const char *end)
{
    return value_read(tree->pool, at, (size_t)(end_of_line(at, end) - at));
}

/* The line that begins so; NULL: there is none. */
static const char *find_line(
    const char *text, const char *end, const char *begin)
{
    for (const char *at = text; at < end; at = end_of_line(at, end) + 1) {
        if (strncmp(at, begin, strlen(begin)) == 0)
            return at;
    }
    return NULL;
}

/* What stands beside a catalogue stands for its lines, and is not older: but
 * where the clock was set, after which what bears a moment to come gives way
 * to what bears none. */
static void check_beside(
    struct tree *tree, const char *path, const char *text, const char *end)
{
    size_t length;
    const char *whole =
        kernel_read(pool_print(tree->pool, "/root/spool/%.*s.ndjson",
                        (int)(strlen(path) - strlen(".since.ndjson")), path),
            &length);
    if (whole == NULL || tree->clock_set)
        return;
    for (const char *at = text; at < end; at = end_of_line(at, end) + 1) {
        const struct value *line = read_line(tree, at, end);
        const char *begin = pool_print(tree->pool, "{\"id\":%lld,",
            (long long)value_number(value_member(line, "id"), 0));
        const char *older = find_line(whole, whole + length, begin);
        if (older != NULL &&
            latest_of(tree, read_line(tree, older, whole + length)) >
                latest_of(tree, line))
            complain(tree->faults, "%s: %s... is older than what it stands for",
                path, begin);
    }
}

/* One product a line, sorted by id, none twice, none torn, none gone by what
 * one list lacks. */
static void check_products(struct tree *tree, int64_t user, const char *folder,
    const char *name, const struct stat *status)
{
    size_t length;
    int64_t last = 0;
    const char *path = tree_path(tree, folder, name);
    (void)user;
    const char *kind = strchr(name, '.');
    if (!tree_check_file(tree, path, status))
        return;
    if (kind != NULL && strcmp(kind, ".account") == 0)
        return; /* whose the catalogue is */
    const char *text =
        kernel_read(pool_print(tree->pool, "/root/spool/%s", path), &length);
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        if (next == NULL ||
            !is_line_good(tree, at, (size_t)(next - at), &last)) {
            complain(tree->faults,
                "%s: byte %zu: torn, no product, out of order, or "
                "gone too early",
                path, (size_t)(at - text));
            return;
        }
        at = next + 1;
    }
    if (kind != NULL && strcmp(kind, ".since.ndjson") == 0)
        check_beside(tree, path, text, end);
}

/* A look for a product among the catalogues of a user, of which there is one
 * for each account that was the seller's. */
struct look {
    struct tree *tree;
    const char *user;  /* "42." */
    const char *begin; /* of the product's line */
    bool found;
};

static void look_into(
    void *context, const char *name, const struct stat *status)
{
    size_t length;
    struct look *look = context;
    (void)status;
    if (strncmp(name, look->user, strlen(look->user)) != 0)
        return;
    const char *text = kernel_read(
        pool_print(look->tree->pool, "/root/spool/products/%s", name), &length);
    if (find_line(text, text + length, look->begin) != NULL)
        look->found = true;
}

static bool catalogue_has(struct tree *tree, int64_t user, int64_t product)
{
    struct look look = {tree, pool_print(tree->pool, "%lld.", (long long)user),
        pool_print(tree->pool, "{\"id\":%lld,", (long long)product), false};
    kernel_each("/root/spool/products", look_into, &look);
    return look.found;
}

static void want_product(struct tree *tree, const struct tree_task *task,
    const struct value *product)
{
    int64_t id = value_number(value_member(product, "id"), 0);
    if (id > 0 && !catalogue_has(tree, task->user, id))
        complain(tree->faults,
            "%s: product %lld is neither in the catalogue nor on its way (G10)",
            task->path, (long long)id);
}

/* Of what was handed out twice nobody knows when the one began that was
 * answered. */
static bool began_before(
    struct tree *tree, const struct tree_task *task, const char *moment)
{
    bool twice = value_number(value_member(task->object, "attempts"), 1) > 1;
    const char *began = value_string(tree->pool,
        value_member(task->object, twice ? "created_at" : "started_at"));
    return began == NULL || strncmp(began, moment, strlen(began)) < 0;
}

/* What comes after the account was changed, and before the next one is known,
 * is nobody's unless it tells; what was handed out before that, whatever it
 * tells. */
static bool is_of_nobody(
    struct tree *tree, const struct tree_task *task, bool tells)
{
    const char *text =
        kernel_read(pool_print(tree->pool, "/root/spool/products/%lld.account",
                        (long long)task->user),
            NULL);
    const char *moment = text == NULL ? NULL : strrchr(text, ' ');
    return moment != NULL && moment[1] == '2' &&
           (!tells || began_before(tree, task, moment + 1));
}

/* Of another account than the seller's nothing is taken in, nor of a list of
 * another's wardrobe: where nobody is on record it may have been either. */
static bool is_foreign(struct tree *tree, const struct tree_task *task)
{
    const struct value *params = value_member(task->object, "params");
    size_t length;
    const char *text =
        kernel_read(pool_print(tree->pool, "/root/spool/users/%lld.json",
                        (long long)task->user),
            &length);
    int64_t signed_in = value_number(
        value_member(value_member(task->object, "account"), "id"), 0);
    const struct value *known =
        text == NULL ? NULL : value_read(tree->pool, text, length);
    int64_t seller = value_number(value_member(known, "vinted_user_id"), 0);
    const char *since = value_string(tree->pool, value_member(known, "since"));
    int64_t wardrobe = value_number(value_member(params, "user_id"), seller);
    return (text != NULL && signed_in != 0 && signed_in != seller) ||
           is_of_nobody(tree, task, signed_in != 0) ||
           (signed_in == 0 && since != NULL &&
               began_before(tree, task, since)) ||
           (strcmp(task->facts.action, "get_all_products") == 0 &&
               wardrobe != seller);
}

void catalogue_check_task(struct tree *tree, const struct tree_task *task)
{
    const struct value *result = value_member(task->object, "result");
    if (task->place != PLACE_COMPLETED || task->facts.action == NULL ||
        tree_find_mark(&tree->ingest, task->user, task->id) != NULL ||
        is_foreign(tree, task))
        return;
    if (strcmp(task->facts.action, "create_product") == 0)
        want_product(tree, task, value_member(result, "item"));
    if (strcmp(task->facts.action, "get_all_products") != 0)
        return;
    const struct value *products = value_member(result, "products");
    for (const struct value *at = products->first; at != NULL; at = at->next)
        want_product(tree, task, at);
}

void catalogue_check_files(struct tree *tree)
{
    tree_each(tree, 0, "products", check_products);
}
