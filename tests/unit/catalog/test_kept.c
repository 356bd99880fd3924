/* SPDX-License-Identifier: MIT */
/* The steps in which the catalogue, photos and a pause are kept, in their
 * order. doc/inside.md says why each stands where it does. */
#include "account.h"
#include "buffer.h"
#include "clock.h"
#include "error.h"
#include "ingest.h"
#include "ingest_fixture.h"
#include "pause.h"
#include "photo.h"
#include "photo_fixture.h"
#include "seller.h"
#include "sync.h"
#include "task_fixture.h"
#include "trace_fixture.h"
#include "unit.h"

#include <string.h>

static void test_ingest(void **state)
{
    unsigned taken;
    const struct fixture *fixture = *state;
    fixture_put(fixture, "products/42.ndjson", "");
    fixture_record(fixture, "get_user_data", 0, 1, "{}", "{\"user_id\":7}");
    fixture_record(fixture, "create_product", 0, 2, "{\"title\":\"a\"}",
        "{\"item\":{\"id\":5}}");
    trace_begin(fixture);
    assert_int_equal(ingest_user(&fixture->account, 10, &taken), ERROR_NONE);
    EXPECT_STEPS("list ingest/42", "lock index/42.ingest", "list ingest/42",
        "make tmp/*", "fsync tmp/*", "rename tmp/* products/42.account",
        "fsync products", "look users/42.7.json", "make tmp/*", "fsync tmp/*",
        "rename tmp/* users/42.json", "fsync users", "list ingest/42",
        "make tmp/*", "fsync tmp/*", "rename tmp/* users/42.json",
        "fsync users", "make tmp/*", "fsync tmp/*", "lock products/42.ndjson",
        "rename tmp/* products/42.ndjson", "fsync products",
        "remove ingest/42/*-t.json", "remove ingest/42/*-t.json",
        "list ingest/42");
}

/* What an earlier program may have left unsafe that died. */
static void test_ingest_again(void **state)
{
    unsigned taken;
    const struct fixture *fixture = *state;
    fixture_record(fixture, "get_user_data", 5, 6, "{}", "{\"user_id\":7}");
    fixture_record(fixture, "create_product", 5, 7, "{\"title\":\"a\"}",
        "{\"item\":{\"id\":5}}");
    fixture_ingest(fixture, 2);
    fixture_record(fixture, "get_user_data", 0, 1, "{}", "{\"user_id\":7}");
    trace_begin(fixture);
    assert_int_equal(ingest_user(&fixture->account, 10, &taken), ERROR_NONE);
    EXPECT_STEPS("list ingest/42", "lock index/42.ingest", "list ingest/42",
        "fsync users", "fsync products", "remove ingest/42/*-t.json",
        "list ingest/42");
}

static void put_seller(const struct fixture *fixture)
{
    fixture_put(fixture, "users/42.json", "{\"vinted_user_id\":7}");
    fixture_put(fixture, "products/42.ndjson", "{\"id\":5}\n");
    fixture_put(fixture, "products/42.account", "7\n");
}

/* What waits is held before nobody is the seller; whose the catalogue was is
 * said last. */
static void test_change(void **state)
{
    const struct fixture *fixture = *state;
    put_seller(fixture);
    trace_begin(fixture);
    assert_int_equal(seller_change(&fixture->account, true), ERROR_NONE);
    EXPECT_STEPS("lock index/42.ingest", "make tmp/*", "fsync tmp/*",
        "rename tmp/* pending/42/PAUSED", "fsync pending/42",
        "rename users/42.json users/42.7.json", "fsync users",
        "lock products/42.ndjson",
        "link products/42.ndjson products/42.7.ndjson",
        "remove products/42.ndjson", "fsync products", "make tmp/*",
        "fsync tmp/*", "rename tmp/* products/42.account", "fsync products");
}

/* Another one is on record, as after a change by hand. */
static void test_set_aside(void **state)
{
    unsigned taken;
    const struct fixture *fixture = *state;
    put_seller(fixture);
    fixture_put(fixture, "users/42.json", "{\"vinted_user_id\":8}");
    fixture_put(fixture, "products/42.8.ndjson", "{\"id\":6}\n");
    fixture_record(fixture, "get_user_data", 0, 1, "{}", "{\"user_id\":7}");
    trace_begin(fixture);
    assert_int_equal(ingest_user(&fixture->account, 10, &taken), ERROR_NONE);
    EXPECT_STEPS("list ingest/42", "lock index/42.ingest", "list ingest/42",
        "lock products/42.ndjson",
        "link products/42.ndjson products/42.7.ndjson",
        "remove products/42.ndjson", "fsync products", "make tmp/*",
        "fsync tmp/*", "rename tmp/* products/42.account", "fsync products",
        "rename products/42.8.ndjson products/42.ndjson", "fsync products",
        "remove ingest/42/*-t.json", "list ingest/42");
}

static void test_sync(void **state)
{
    struct sync sync;
    const struct fixture *fixture = *state;
    trace_begin(fixture);
    for (int i = 0; i < 2; i++)
        assert_int_equal(sync_start(&fixture->account, 1, &sync), ERROR_NONE);
    EXPECT_STEPS("lock index/42.sync", "list executing/42", "list pending/42",
        "list executing/42", "list ingest/42", "list pending/42",
        "list executing/42", "make tmp/*",
        "link tmp/* pending/42/*-get_user_data-*.json", "fsync tmp/*",
        "fsync pending/42", "remove tmp/*", "lock index/42.sync",
        "list pending/42", "fsync pending/42/*-get_user_data-*.json",
        "fsync pending/42");
}

static void test_old_photos(void **state)
{
    bool whole;
    struct spool_part all = {0, SIZE_MAX};
    const struct fixture *fixture = *state;
    int64_t later = clock_now() + clock_second;
    fixture_put(fixture, "photos/" PHOTO_PNG_NAME, "x");
    trace_begin(fixture);
    assert_int_equal(
        photo_prune(&fixture->spool, later, &all, false, &whole), 1);
    EXPECT_STEPS("list photos", "lock index/photos", "remove photos/*");
}

static void test_photo(void **state)
{
    struct photo photo;
    const struct fixture *fixture = *state;
    struct buffer bytes = BUFFER_EMPTY;
    assert_int_equal(
        photo_decode(&bytes, PHOTO_PNG, strlen(PHOTO_PNG)), ERROR_NONE);
    assert_int_equal(photo_name(&photo, bytes.data, bytes.length), ERROR_NONE);
    trace_begin(fixture);
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            photo_store(&fixture->spool, bytes.data, bytes.length, &photo),
            ERROR_NONE);
    buffer_free(&bytes);
    EXPECT_STEPS("lock index/photos", "make tmp/*", "fsync tmp/*",
        "link tmp/* photos/*.png", "remove tmp/*", "fsync photos",
        "lock index/photos", "touch photos/*.png", "fsync photos");
}

static void test_pause(void **state)
{
    const struct fixture *fixture = *state;
    trace_begin(fixture);
    assert_int_equal(pause_set(&fixture->account, "captcha"), ERROR_NONE);
    assert_int_equal(pause_end(&fixture->account), ERROR_NONE);
    EXPECT_STEPS("make tmp/*", "fsync tmp/*", "link tmp/* pending/42/PAUSED",
        "fsync pending/42", "remove tmp/*", "remove pending/42/PAUSED",
        "fsync pending/42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_ingest),
        IN_SPOOL(test_ingest_again),
        IN_SPOOL(test_change),
        IN_SPOOL(test_set_aside),
        IN_SPOOL(test_sync),
        IN_SPOOL(test_old_photos),
        IN_SPOOL(test_photo),
        IN_SPOOL(test_pause),
    };
    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
