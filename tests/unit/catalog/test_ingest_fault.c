/* SPDX-License-Identifier: MIT */
/* Taking results in while something goes wrong: nothing is lost, and the next
 * time all of it is taken in. */
#include "attempt_fixture.h"
#include "fault.h"
#include "ingest.h"
#include "seller.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file[] = "products/42.ndjson";

#define KEPT "{ \"id\": 3, \"note\": [1, 2], \"more\": 1 }\n"
#define TORN "{\"id\":4,\"title\":\n"
#define MISTYPED "{\"id\":6,\"title\":5}\n"

/* What somebody broke, the first found out when the file is read, the other
 * when the product is told of. */
static void lay_catalogue(const struct fixture *fixture)
{
    fixture_put(fixture, file, KEPT TORN MISTYPED);
}

static enum error ingest(const struct fixture *fixture)
{
    unsigned taken;
    struct config config = fixture_config();
    return ingest_user(UNDER(fixture, &config), 1000, &taken);
}

/* Whether one of the entries waits still. */
static bool waits(const struct fixture *fixture, const char *entry)
{
    return fixture_find(fixture, "ingest/42", entry) != NULL;
}

static bool holds(
    const struct fixture *fixture, const char *path, const char *text)
{
    char *have = fixture_get(fixture, path);
    bool found = have != NULL && strstr(have, text) != NULL;
    free(have);
    return found;
}

struct search {
    const struct fixture *fixture;
    const char *text;
};

static enum error look_into(void *context, const char *name)
{
    const struct search *search = context;
    struct path path = path_in(SPOOL_REJECTED, name);
    return holds(search->fixture, path.text, search->text) ? ERROR_EXISTS
                                                           : ERROR_NONE;
}

/* A line is in the catalogue, or among what was set aside. */
static void expect_kept(const struct fixture *fixture, const char *line)
{
    struct search search = {fixture, line};
    if (!holds(fixture, file, line) &&
        spool_each_name(&fixture->spool, path_of(SPOOL_REJECTED), look_into,
            &search) != ERROR_EXISTS)
        fail_msg("%s is lost", line);
}

static void expect_all_kept(const struct fixture *fixture)
{
    assert_true(holds(fixture, file, KEPT));
    expect_kept(fixture, TORN);
    expect_kept(fixture, MISTYPED);
}

/* --- Products --------------------------------------------------------------
 */

#define ITEMS "https://www.vinted.fr/api/v2/items/"

static void lay_products(const struct fixture *fixture)
{
    lay_catalogue(fixture);
    fixture_record(fixture, "create_product", 0, 1, "{\"title\":\"T\"}",
        "{\"item\":{\"id\":6,\"brand\":\"\\u00e9\\u00e8\"}}");
    fixture_record(fixture, "upload_photo", 2, 3, "{\"item_id\":6}",
        "{\"url\":\"https://v/\\u00e9\"}");
    fixture_record(fixture, "upload_photo", 4, 5, "{\"item_id\":6}",
        "{\"url\":\"https://v/2\"}");
    fixture_record(
        fixture, "get_stats", 6, 7, "{\"item_id\":6}", "{\"view_count\":9}");
    fixture_record(fixture, "update_prices", 8, 9,
        "{\"updates\":[{\"price\":\"1.50\",\"item_id\":6},{\"item_id\":7,"
        "\"price\":2}]}",
        "{\"results\":[{\"item_id\":6,\"success\":true},{\"item_id\":7,"
        "\"success\":false}]}");
    fixture_record(fixture, "delete_product", 10, 11, "{\"item_id\":8}", "{}");
    fixture_record(fixture, "execute_batch_requests", 12, 13,
        "{\"requests\":[{\"method\":\"PUT\",\"url\":\"" ITEMS
        "6\",\"body\":{\"title\":\"U\"}},{\"method\":\"DELETE\",\"url\":"
        "\"" ITEMS "9\"}]}",
        "[{\"status\":200,\"data\":{\"id\":6}},{\"status\":204}]");
}

struct told {
    const char *entry;
    const char *id;
    const char *key;
    const char *want;
};

static const struct told products[] = {
    {"01.000000Z-t.json", "6", "brand", "\"\xC3\xA9\xC3\xA8\""},
    {"03.000000Z-t.json", "6", "photo", "\"https://v/\xC3\xA9\""},
    {"05.000000Z-t.json", "6", "photos",
        "[\"https://v/\xC3\xA9\",\"https://v/2\"]"},
    {"07.000000Z-t.json", "6", "view_count", "9"},
    {"09.000000Z-t.json", "6", "price", "\"1.50\""},
    {"11.000000Z-t.json", "8", "status", "\"deleted\""},
    {"13.000000Z-t.json", "6", "title", "\"U\""},
    {"13.000000Z-t.json", "9", "status", "\"deleted\""},
};

/* What is no longer to be taken in stands in the catalogue. One photo alone is
 * told of by an entry that came before or behind the other. */
static void check_products(const struct fixture *fixture, enum error error)
{
    (void)error;
    expect_all_kept(fixture);
    for (size_t i = 0; i < COUNT_OF(products); i++) {
        const struct told *told = &products[i];
        if (waits(fixture, told->entry))
            continue;
        const char *have = fixture_member(fixture, told->id, told->key);
        bool photo = told->key[0] == 'p' && told->key[1] == 'h';
        if (photo ? have[0] == 'a' : strcmp(have, told->want) != 0)
            fail_msg("%s: %s is %s", told->entry, told->key, have);
    }
}

static void finish_products(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    check_products(fixture, ERROR_NONE);
    fixture_expect_row(fixture, "7", "price", "no row");
    assert_true(strstr(fixture_member(fixture, "6", "photos"),
                    "\"https://v/\xC3\xA9\"") != NULL);
    assert_true(strstr(fixture_member(fixture, "6", "photos"),
                    "\"https://v/2\"") != NULL);
}

/* --- A list ----------------------------------------------------------------
 */

static void lay_list(const struct fixture *fixture)
{
    lay_catalogue(fixture);
    fixture_know_seller(fixture);
    fixture_own_list(fixture, 0, 1,
        "{\"products\":[{\"id\":6,\"title\":\"A\"},{\"id\":7,\"title\":"
        "\"B\"}],\"total\":2}");
}

/* That the third is missing is said by a list that was taken in wholly. */
static void check_list(const struct fixture *fixture, enum error error)
{
    (void)error;
    expect_kept(fixture, TORN);
    expect_kept(fixture, MISTYPED);
    fixture_expect_row(fixture, "3", "note", "[1, 2]");
    if (waits(fixture, ".json"))
        return;
    fixture_expect_row(fixture, "6", "title", "\"A\"");
    fixture_expect_row(fixture, "7", "title", "\"B\"");
    fixture_expect_row(
        fixture, "3", "missing_since", "\"2024-12-07T10:00:00.000000Z\"");
}

static void finish_list(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    check_list(fixture, ERROR_NONE);
}

/* --- What may be listed twice ----------------------------------------------
 */

#define SHIRT(id)                                                              \
    "{\"id\":" #id ",\"title\":\"A\",\"price\":\"1.00\",\"photos\":"           \
    "[{\"high_resolution\":{\"timestamp\":1733565600}}]}"

/* Two that are told of a third, and two that are no longer alike. */
static void lay_twins(const struct fixture *fixture)
{
    fixture_put(fixture, file,
        "{\"id\":2,\"title\":\"A\",\"price\":\"1.00\",\"published_at\":"
        "\"2024-12-07T10:00:00.000000Z\",\"listed_by\":\"t\"}\n"
        "{\"id\":3,\"title\":\"A\",\"twin_of\":4}\n"
        "{\"id\":4,\"title\":\"A\",\"listed_by\":\"t\",\"twin_of\":3}\n");
    fixture_know_seller(fixture);
    fixture_record(fixture, "update_product", 4, 5, "{\"item_id\":4}",
        "{\"item\":{\"id\":4,\"title\":\"B\"}}");
    fixture_own_list(fixture, 6, 7,
        "{\"products\":[" SHIRT(1) "," SHIRT(2) "," SHIRT(5) "],\"total\":9}");
}

/* Of a list that is taken in by halves the new products are told all the same.
 */
static void check_twins(const struct fixture *fixture, enum error error)
{
    static const struct told twins[] = {
        {"07.000000Z-t.json", "1", "twin_of", "2"},
        {"07.000000Z-t.json", "2", "twin_of", "5"}, /* the last to be met */
        {"07.000000Z-t.json", "5", "twin_of", "2"},
        {"05.000000Z-t.json", "3", "twin_of", "absent"},
        {"05.000000Z-t.json", "4", "twin_of", "absent"},
    };
    (void)error;
    for (size_t i = 0; i < COUNT_OF(twins); i++) {
        if (!waits(fixture, twins[i].entry))
            fixture_expect_row(
                fixture, twins[i].id, twins[i].key, twins[i].want);
    }
}

static void finish_twins(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    check_twins(fixture, ERROR_NONE);
}

/* --- The first catalogue ---------------------------------------------------
 */

static void lay_first(const struct fixture *fixture)
{
    fixture_record(fixture, "get_all_products", 0, 1, "{\"user_id\":77}",
        "{\"products\":[{\"id\":6,\"title\":\"A\"}],\"total\":1}");
}

/* A row that has the wrong type is all that is set aside. */
static void lay_mistyped(const struct fixture *fixture)
{
    fixture_put(fixture, file, MISTYPED);
    lay_first(fixture);
}

static void check_mistyped(const struct fixture *fixture, enum error error)
{
    (void)error;
    expect_kept(fixture, MISTYPED);
}

static void check_first(const struct fixture *fixture, enum error error)
{
    (void)error;
    if (waits(fixture, ".json"))
        return;
    fixture_expect_row(fixture, "6", "title", "\"A\"");
    fixture_expect(fixture, "products/42.account", "77 by a list\n");
}

static void finish_first(const struct fixture *fixture)
{
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    fixture_expect_row(fixture, "6", "title", "\"A\"");
}

/* --- Who the seller is -----------------------------------------------------
 */

#define SELLER "\"vinted_user_id\":77,"
#define NEXT "pending/42/998-*-get_all_products-next.json\n"

static void lay_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json",
        "{\"user_id\":42,\"vinted_user_id\":77,\"login\":\"\\u00e9\","
        "\"updated_at\":\"2024-12-07T09:00:00.000000Z\"}\n");
    fixture_put(fixture, "ingest/42/20241207T100007.000000Z-t.json",
        "{\"user_id\":42,\"action\":\"get_user_data\",\"params\":{},"
        "\"then\":{\"action\":\"get_all_products\",\"task_id\":\"next\"},"
        "\"status\":\"completed\","
        "\"completed_at\":\"2024-12-07T10:00:07.000000Z\","
        "\"result\":{\"user_id\":77,\"login\":\"\\u00e8\"}}");
}

static void finish_seller(const struct fixture *fixture)
{
    assert_true(holds(fixture, "users/42.json", SELLER "\"login\":\"\\u00e8"));
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    assert_int_equal(fixture_count(fixture, "pending/42"), 1);
    assert_non_null(
        fixture_find(fixture, "pending/42", "-get_all_products-next.json"));
}

/* A sync that waits for the seller is not left without what follows. */
static void check_seller(const struct fixture *fixture, enum error error)
{
    assert_true(holds(fixture, "users/42.json", "\"updated_at\""));
    if (error == ERROR_NONE && !waits(fixture, ".json"))
        finish_seller(fixture);
    if (!waits(fixture, ".json"))
        assert_int_equal(fixture_count(fixture, "pending/42"), 1);
}

/* --- A seller whose catalogue comes back -----------------------------------
 */

static const char of_76[] = "{\"id\":1,\"title\":\"theirs\"}\n";
static const char of_77[] = "{\"id\":2,\"title\":\"mine\"}\n";

static void lay_return(const struct fixture *fixture)
{
    fixture_put(fixture, file, of_76);
    fixture_put(fixture, "products/42.account", "76\n");
    fixture_put(fixture, "products/42.77.ndjson", of_77);
    fixture_put(fixture, "users/42.77.json",
        "{\"user_id\":42,\"vinted_user_id\":77,\"login\":\"mine\","
        "\"since\":\"2024-12-07T08:00:00.000000Z\","
        "\"updated_at\":\"2024-12-07T09:00:00.000000Z\"}\n");
    fixture_record(fixture, "get_user_data", 6, 7, "{}", "{\"user_id\":77}");
    fixture_record_by(fixture, 77, "create_product", 8, 9, "{}",
        "{\"item\":{\"id\":3,\"title\":\"new\"}}");
}

/* Two accounts' products never stand in one file, and none is lost. */
static void check_return(const struct fixture *fixture, enum error error)
{
    (void)error;
    bool mine = holds(fixture, file, "mine") || holds(fixture, file, "new");
    assert_false(mine && holds(fixture, file, "theirs"));
    if (!holds(fixture, file, "theirs"))
        fixture_expect(fixture, "products/42.76.ndjson", of_76);
    if (!holds(fixture, file, "mine"))
        fixture_expect(fixture, "products/42.77.ndjson", of_77);
    if (holds(fixture, "users/42.json", "77"))
        assert_true(holds(fixture, "products/42.account", "77 since 2"));
}

static void finish_return(const struct fixture *fixture)
{
    check_return(fixture, ERROR_NONE);
    assert_int_equal(fixture_count(fixture, "ingest/42"), 0);
    assert_true(holds(fixture, file, "mine"));
    assert_true(holds(fixture, file, "new"));
    /* The seller anew, not ever since. */
    assert_true(holds(fixture, "users/42.json", "\"since\":"));
    assert_false(holds(fixture, "users/42.json", "\"since\":\"2024-12-07T08"));
    fixture_expect(fixture, "products/42.77.ndjson", NULL);
    fixture_expect(fixture, "users/42.77.json", NULL);
}

static const struct attempt attempts[] = {
    {"products", lay_products, ingest, check_products, finish_products, 0},
    {"a list", lay_list, ingest, check_list, finish_list, 0},
    {"twins", lay_twins, ingest, check_twins, finish_twins, 0},
    {"the first catalogue", lay_first, ingest, check_first, finish_first, 0},
    {"a mistyped row", lay_mistyped, ingest, check_mistyped, finish_first, 0},
    {"a catalogue that returns", lay_return, ingest, check_return,
        finish_return, 0},
    {"a seller", lay_seller, ingest, check_seller, finish_seller, 0},
};

static void test_faults(void **state)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        attempt_each_fault(*state, &attempts[i]);
}

/* Of two programs that take the same in, both do, or one. Which catalogue it is
 * changes under the lock on its file alone, which does not keep one process
 * from itself. */
static void take_in(const struct fixture *fixture)
{
    enum error error =
        ingest(fixture); /* busy: the ID of what follows is held */
    assert_true(error == ERROR_NONE || error == ERROR_BUSY);
}

static void test_turns(void **state)
{
    for (size_t i = 0; i + 2 < COUNT_OF(attempts); i++)
        attempt_each_turn(*state, &attempts[i], take_in);
}

/* Who the seller is cannot be told: nobody is. The name is too long for the
 * memory that every program has. */
static void test_seller(void **state)
{
    char text[20100];
    bool has_met = true;
    snprintf(
        text, sizeof text, "{\"vinted_user_id\":7,\"login\":\"%020000d\"}", 0);
    for (unsigned which = 1; has_met; which++) {
        const struct fixture *fixture = *state;
        struct seller seller;
        fixture_put(fixture, "users/42.json", text);
        fault_set(FAULT_MEMORY, which, ENOMEM);
        enum error error = seller_read(&fixture->account, &seller);
        has_met = fault_clear();
        assert_int_equal(error, has_met ? ERROR_MEMORY : ERROR_NONE);
        assert_int_equal(seller.number, has_met ? 0 : 7);
        seller_free(&seller);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_seller),
        IN_SPOOL(test_faults),
        IN_SPOOL(test_turns),
    };
    return cmocka_run_group_tests_name("ingest_fault", tests, NULL, NULL);
}
