/* SPDX-License-Identifier: MIT */
#include "past_lease.h"

#include "account.h"
#include "buffer.h"
#include "error.h"
#include "ingest_fixture.h"
#include "name.h"
#include "task_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define NOTE(n) "progress/42/998-" CREATED "-a-t.r" n ".leases"

static struct lease_name handed_out(const char *lease, int generation)
{
    struct lease_name name;
    char text[NAME_LENGTH_MAX];
    char suffix[16] = "";
    if (generation > 0)
        snprintf(suffix, sizeof suffix, ".r%d", generation);
    snprintf(text, sizeof text, FUTURE "-%s-998-" CREATED "-a-t%s.json", lease,
        suffix);
    assert_int_equal(name_parse_executing(text, &name), ERROR_NONE);
    return name;
}

/* The task as it is queued the n-th time. */
static struct task_name queued(int generation)
{
    return handed_out("l", generation).task;
}

static void take_back(
    const struct fixture *fixture, const char *lease, int generation)
{
    struct lease_name taken = handed_out(lease, generation);
    struct task_name next = queued(generation + 1);
    past_lease_note(&fixture->account, &taken, &next);
}

static void expect_list(
    const struct fixture *fixture, int generation, bool known, const char *want)
{
    struct buffer list = BUFFER_EMPTY;
    struct task_name name = queued(generation);
    assert_int_equal(past_lease_list(&fixture->account, &name, &list), known);
    assert_string_equal(buffer_text(&list), want);
    buffer_free(&list);
}

static void expect_foreign(
    const struct fixture *fixture, int generation, const char *lease, bool want)
{
    struct task_name name = queued(generation);
    if (past_lease_is_foreign(&fixture->account, &name, lease) != want)
        fail_msg("%s of .r%d: want %d", lease, generation, want);
}

static void test_noted(void **state)
{
    take_back(*state, "l1", 0);
    take_back(*state, "l22", 1);
    take_back(*state, "l3", 2);
    expect_list(*state, 1, true, "\"l1\",");
    expect_list(*state, 3, true, "\"l1\",\"l22\",\"l3\",");
    expect_foreign(*state, 3, "l1", false);
    expect_foreign(*state, 3, "l22", false);
    expect_foreign(*state, 3, "l3", false);
    expect_foreign(*state, 3, "l2", true);
    expect_foreign(*state, 3, "22", true);
    expect_foreign(*state, 2, "l3", true);
}

/* Of one that never came back everything is known, and nothing is read. */
static void test_first(void **state)
{
    expect_list(*state, 0, true, "");
    expect_foreign(*state, 0, "l", true);
    fixture_expect_tree(*state, "");
}

/* Two programs that take the same task back note the same. */
static void test_twice(void **state)
{
    const struct fixture *fixture = *state;
    take_back(fixture, "l1", 0);
    take_back(fixture, "l2", 1);
    struct task_name first = queued(1);
    past_lease_forget(&fixture->account, &first);
    take_back(fixture, "l2", 1);
    expect_list(fixture, 2, true, "\"l1\",\"l2\",");
    fixture_expect_tree(fixture, NOTE("2") "\n");
}

/* A withdrawal is no hand-out. */
static void test_withdrawn(void **state)
{
    take_back(*state, "l1", 0);
    take_back(*state, LEASE_EXPIRED, 1);
    expect_list(*state, 2, true, "\"l1\",");
    take_back(*state, LEASE_CANCELLED, 2);
    expect_list(*state, 3, true, "\"l1\",");
}

/* It was handed out to nobody, so there is nothing to note. */
static void test_withdrawn_at_once(void **state)
{
    take_back(*state, LEASE_CANCELLED, 0);
    fixture_expect_tree(*state, "");
}

/* A file that a person moves: only the name of one that was handed out tells of
 * a lease. */
static void test_moved(void **state)
{
    const struct fixture *fixture = *state;
    struct task_name next = queued(1);
    past_lease_note_moved(&fixture->account, "t.failed.json", &next);
    fixture_expect_tree(fixture, "");
    past_lease_note_moved(
        &fixture->account, FUTURE "-l1-998-" CREATED "-a-t.json", &next);
    fixture_expect_tree(fixture, NOTE("1") "\n");
    expect_list(fixture, 1, true, "\"l1\",");
}

/* A part is not taken for the whole, nor is what other hand-outs left. */
static void test_cannot_tell(void **state)
{
    static const char *const torn[] = {
        "", "l1", "l1\nl2", "l1\n\n", "\n", "l1\nL2\n", "{}\n"};
    const struct fixture *fixture = *state;
    struct task_name first = queued(1);
    for (size_t i = 0; i < COUNT_OF(torn); i++) {
        fixture_put(fixture, NOTE("1"), torn[i]);
        expect_list(fixture, 1, false, "");
        expect_foreign(fixture, 1, "x", false);
        take_back(fixture, "l2", 1);
        expect_foreign(fixture, 2, "x", false);
    }
    fixture_put(fixture, NOTE("1"), "other\n");
    take_back(fixture, "l1", 0);
    expect_foreign(fixture, 1, "l1", false);
    past_lease_forget(&fixture->account, &first);
    fixture_expect_tree(fixture, "");
}

static void test_parse(void **state)
{
    static const char *const wrong[] = {".leases", "t.r1.leases", "t.json",
        "998-" CREATED "-a-t.r1.json", "998-" CREATED "-a-t.r1.json.leases"};
    struct task_name name;
    (void)state;
    assert_int_equal(
        past_lease_parse(strrchr(NOTE("7"), '/') + 1, &name), ERROR_NONE);
    assert_int_equal(name.generation, 7);
    assert_string_equal(name.id, "t");
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(past_lease_parse(wrong[i], &name), ERROR_SYNTAX);
    char longest[NAME_LENGTH_MAX + 20];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + sizeof longest - sizeof ".leases", ".leases",
        sizeof ".leases");
    assert_int_equal(past_lease_parse(longest, &name), ERROR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_noted),
        IN_SPOOL(test_first),
        IN_SPOOL(test_twice),
        IN_SPOOL(test_withdrawn),
        IN_SPOOL(test_withdrawn_at_once),
        IN_SPOOL(test_moved),
        IN_SPOOL(test_cannot_tell),
        cmocka_unit_test(test_parse),
    };
    return cmocka_run_group_tests_name("past_lease", tests, NULL, NULL);
}
