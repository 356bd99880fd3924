/* SPDX-License-Identifier: MIT */
#include "idempotency.h"

#include "enqueue.h"
#include "fault.h"
#include "find.h"
#include "task_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct draft draft_of(const char *id)
{
    struct draft draft;
    draft_init(&draft);
    memcpy(draft.action, "get_stats", sizeof "get_stats");
    memcpy(draft.id, id, strlen(id) + 1);
    return draft;
}

static struct draft keyed(const char *id, const char *key)
{
    struct draft draft = draft_of(id);
    assert_int_equal(idempotency_set(&draft, key), ERROR_NONE);
    return draft;
}

/* Another request with the same. */
static struct draft keyed_otherwise(const char *id, const char *key)
{
    struct draft draft = draft_of(id);
    draft.priority = 7;
    assert_int_equal(idempotency_set(&draft, key), ERROR_NONE);
    return draft;
}

static enum error create(const struct fixture *fixture,
    const struct draft *draft, struct task_place *standing)
{
    struct task_name name;
    return enqueue_task(&fixture->account, draft, &name, standing);
}

/* --- Keys ----------------------------------------------------------------- */

static void test_keys(void **state)
{
    static const char *const bad[] = {"", "\"\"", "\"a", "\"a\"b", "\"a\\b\"",
        "\"a\\", "a\nb", "a\x7f", "\xC3\xA9", "\""};
    char long_key[IDEMPOTENCY_KEY_MAX + 2];
    struct draft draft = draft_of("");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (idempotency_set(&draft, bad[i]) != ERROR_SYNTAX)
            fail_msg("%s: taken", bad[i]);
    }
    memset(long_key, 'k', sizeof long_key);
    long_key[sizeof long_key - 1] = '\0';
    assert_int_equal(idempotency_set(&draft, long_key), ERROR_SYNTAX);
    long_key[sizeof long_key - 2] = '\0';
    assert_int_equal(idempotency_set(&draft, long_key), ERROR_NONE);
}

static void test_quotes(void **state)
{
    (void)state;
    assert_string_equal(
        keyed("", "a\"b\\").key, keyed("", "\"a\\\"b\\\\\"").key);
    assert_string_not_equal(keyed("", "a").key, keyed("", "b").key);
}

/* --- Requests ------------------------------------------------------------- */

/* The note of a key in keys/42. */
static struct path note_of(const struct draft *draft)
{
    return path_in_user(SPOOL_KEYS, 42, draft->key);
}

static void expect_compared(const struct fixture *fixture,
    const struct draft *draft, struct task_place *standing, enum error wanted)
{
    assert_int_equal(
        idempotency_compare(&fixture->account, draft, standing), wanted);
}

static void test_other_request(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft first = keyed("t", "k");
    struct draft second = keyed("u", "k");
    assert_int_equal(create(fixture, &first, &standing), ERROR_NONE);
    assert_int_equal(create(fixture, &first, &standing), ERROR_EXISTS);
    expect_compared(fixture, &first, &standing, ERROR_NONE);
    expect_compared(fixture, &second, &standing, ERROR_CONFLICT);
    assert_int_equal(create(fixture, &second, &standing), ERROR_CONFLICT);
    /* What is asked for under the key alone is another request, too. */
    struct draft third = keyed("", "k");
    assert_int_equal(create(fixture, &third, &standing), ERROR_CONFLICT);
    fixture_expect_tree(fixture, "keys/42/key-*\npending/42/*-t.json\n");
}

/* The key is that of t, which somebody else has made anew since: the key came
 * with no other request, but t is not what that has made. */
static void test_made_anew(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft with_key = keyed("t", "k");
    struct draft without = draft_of("t");
    assert_int_equal(create(fixture, &with_key, &standing), ERROR_NONE);
    assert_int_equal(
        find_pending(&fixture->account, "t", &standing), ERROR_NONE);
    unlinkat(fixture->spool.directory, standing.path.text, 0);
    assert_int_equal(create(fixture, &without, &standing), ERROR_NONE);
    assert_int_equal(create(fixture, &with_key, &standing), ERROR_EXISTS);
    expect_compared(fixture, &with_key, &standing, ERROR_CONFLICT);
    /* Another request with that key is told of the key. */
    struct draft changed = keyed_otherwise("t", "k");
    assert_int_equal(create(fixture, &changed, &standing), ERROR_CONFLICT);
    /* Its own task is there, but was not made with the key. */
    struct draft key_of_own = keyed("t", "other");
    assert_int_equal(create(fixture, &key_of_own, &standing), ERROR_EXISTS);
    fixture_expect(fixture, note_of(&key_of_own).text, NULL);
}

/* What another request has noted counts no more where no task came of it, as
 * where its program was killed before. */
static void test_noted_in_vain(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft first = keyed("t", "k");
    struct draft second = keyed_otherwise("t", "k");
    assert_int_equal(idempotency_note(&fixture->account, &first), ERROR_NONE);
    assert_int_equal(create(fixture, &second, &standing), ERROR_NONE);
    assert_int_equal(create(fixture, &second, &standing), ERROR_EXISTS);
    expect_compared(fixture, &second, &standing, ERROR_NONE);
    assert_int_equal(create(fixture, &first, &standing), ERROR_CONFLICT);
}

/* A note of the version before, which had no digest. */
static void test_note_without_digest(void **state)
{
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft first = keyed("t", "k");
    struct draft second = keyed_otherwise("t", "k");
    assert_int_equal(create(fixture, &first, &standing), ERROR_NONE);
    fixture_put(fixture, note_of(&first).text, "t\n");
    assert_int_equal(create(fixture, &first, &standing), ERROR_EXISTS);
    expect_compared(fixture, &first, &standing, ERROR_NONE);
    assert_int_equal(create(fixture, &second, &standing), ERROR_CONFLICT);
    assert_int_equal(
        find_pending(&fixture->account, "t", &standing), ERROR_NONE);
    unlinkat(fixture->spool.directory, standing.path.text, 0);
    assert_int_equal(create(fixture, &second, &standing), ERROR_NONE);
}

/* Under the key's own ID, as by a version that knew no digests. */
static void test_without_digest(void **state)
{
    char path[200];
    struct draft draft = keyed("", "k");
    struct draft other = keyed("", "k");
    const struct fixture *fixture = *state;
    struct task_place standing;
    snprintf(path, sizeof path, "done/42/%s.failed.json", draft.key);
    fixture_put(fixture, path, DROP("get_stats"));
    other.id[0] = 'x';
    assert_int_equal(create(fixture, &draft, &standing), ERROR_EXISTS);
    expect_compared(fixture, &draft, &standing, ERROR_NONE);
    expect_compared(fixture, &other, &standing, ERROR_CONFLICT);
    fixture_put(fixture, path, "no JSON");
    expect_compared(fixture, &draft, &standing, ERROR_SYNTAX);
    unlinkat(fixture->spool.directory, path, 0);
    expect_compared(fixture, &draft, &standing, ERROR_BUSY);
}

/* --- Keys that are held --------------------------------------------------- */

static void test_held(void **state)
{
    char hold[200];
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft draft = keyed("t", "k");
    snprintf(hold, sizeof hold, "tmp/42-%s.hold", draft.key);
    fixture_put(fixture, hold, "");
    assert_int_equal(create(fixture, &draft, &standing), ERROR_BUSY);
    fixture_put(fixture, COMPLETED("t"), "{}");
    assert_int_equal(create(fixture, &draft, &standing), ERROR_EXISTS);
    assert_int_equal(standing.state, TASK_COMPLETED);
}

/* Nor may it be said that there is no task where that cannot be told. */
static void test_held_and_hidden(void **state)
{
    char hold[200];
    const struct fixture *fixture = *state;
    struct task_place standing;
    struct draft draft = keyed("t", "k");
    snprintf(hold, sizeof hold, "tmp/42-%s.hold", draft.key);
    fixture_put(fixture, hold, "");
    fixture_put(fixture, "done/42", "no folder");
    assert_int_equal(create(fixture, &draft, &standing), ERROR_SYSTEM);
    fixture_expect(fixture, hold, "");
}

/* --- Notes ---------------------------------------------------------------- */

/* What a person has made of a note is none. */
static void test_notes_by_hand(void **state)
{
    static const char long_line[] =
        "a line that is far longer than any ID of a task can be, whatever "
        "it may be good for, and then some more to be quite sure of that, and "
        "of the digest too\n";
    static const char *const texts[] = {
        "", "\n", "no ID\n", "gone\n", long_line};
    const struct fixture *fixture = *state;
    struct draft draft = keyed("t", "k");
    enum idempotency_noted noted;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fixture_put(fixture, note_of(&draft).text, texts[i]);
        assert_int_equal(
            idempotency_look(&fixture->account, &draft, "t", &noted),
            ERROR_NONE);
        assert_int_equal(noted, IDEMPOTENCY_FREE);
        assert_true(idempotency_is_outlived(&fixture->account, draft.key));
    }
}

static void test_outlived(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = keyed("t", "k");
    struct task_place standing;
    assert_int_equal(create(fixture, &draft, &standing), ERROR_NONE);
    assert_false(idempotency_is_outlived(&fixture->account, draft.key));
    /* Nor where it cannot be told. */
    for (int call = 0; call <= FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            fault_set((enum fault_call)call, which, EIO);
            bool outlived =
                idempotency_is_outlived(&fixture->account, draft.key);
            has_come = fault_clear();
            assert_false(outlived);
        }
    }
}

/* It agrees, or cannot be read. */
static void test_agrees_fault(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = keyed("t", "k");
    struct draft other = keyed("u", "k");
    struct task_place standing;
    assert_int_equal(create(fixture, &draft, &standing), ERROR_NONE);
    assert_int_equal(create(fixture, &draft, &standing), ERROR_EXISTS);
    for (int call = 0; call <= FAULT_ALL; call++) {
        bool has_come = true;
        for (unsigned which = 1; has_come; which++) {
            struct buffer pool = fault_take_pool();
            fault_set((enum fault_call)call, which, EIO);
            assert_int_not_equal(
                idempotency_compare(&fixture->account, &other, &standing),
                ERROR_NONE);
            has_come = fault_clear();
            buffer_free(&pool);
        }
    }
}

/* Whoever has the task renews its lease each time before its file is opened. */
struct mover {
    const struct fixture *fixture;
    unsigned times;
    unsigned most;
};

#define MOVED                                                                  \
    "executing/42/20991231T0000%02u.000000Z-l-998-" CREATED "-a-t.json"

static void move(void *context)
{
    char from[SPOOL_PATH_MAX];
    char to[SPOOL_PATH_MAX];
    struct mover *mover = context;
    int directory = mover->fixture->spool.directory;
    if (mover->times == mover->most)
        return;
    snprintf(from, sizeof from, MOVED, mover->times++);
    snprintf(to, sizeof to, MOVED, mover->times);
    renameat(directory, from, directory, to);
}

/* It is compared, or the client is told to ask again; and what keeps us from
 * finding it is told. */
static void test_moved_meanwhile(void **state)
{
    unsigned refusals = 0;
    const struct fixture *fixture = *state;
    struct draft draft = keyed("t", "k");
    for (unsigned most = 0; most < 20; most++) {
        char path[SPOOL_PATH_MAX];
        struct mover mover = {fixture, 0, most};
        struct task_place place = {.state = TASK_EXECUTING};
        snprintf(path, sizeof path, MOVED, 0u);
        fixture_put(fixture, path, DROP("a"));
        place.path = (struct path){""};
        snprintf(place.path.text, sizeof place.path.text, "%s", path);
        fault_set_meanwhile(FAULT_OPEN, move, &mover);
        enum error error =
            idempotency_compare(&fixture->account, &draft, &place);
        fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
        refusals += error == ERROR_BUSY;
        if (error != ERROR_BUSY)
            assert_int_equal(error, ERROR_CONFLICT);
        fixture_renew(*state);
    }
    assert_true(refusals > 0 && refusals < 20);
}

static void test_moved_out_of_sight(void **state)
{
    const struct fixture *fixture = *state;
    struct draft draft = keyed("t", "k");
    struct task_place place = {
        .path = {"executing/42/" PAST "-l-998-" CREATED "-a-t.json"}};
    fixture_put(fixture, EXECUTING(FUTURE, "l", "a", "t"), DROP("a"));
    /* The first is the file, which is not there any more. */
    fault_set(FAULT_OPEN, 2, EACCES);
    expect_compared(fixture, &draft, &place, ERROR_DENIED);
    assert_true(fault_clear());
    expect_compared(fixture, &draft, &place, ERROR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_quotes),
        IN_SPOOL(test_other_request),
        IN_SPOOL(test_moved_meanwhile),
        IN_SPOOL(test_moved_out_of_sight),
        IN_SPOOL(test_made_anew),
        IN_SPOOL(test_noted_in_vain),
        IN_SPOOL(test_note_without_digest),
        IN_SPOOL(test_without_digest),
        IN_SPOOL(test_held),
        IN_SPOOL(test_held_and_hidden),
        IN_SPOOL(test_notes_by_hand),
        IN_SPOOL(test_outlived),
        IN_SPOOL(test_agrees_fault),
    };
    return cmocka_run_group_tests_name("idempotency", tests, NULL, NULL);
}
