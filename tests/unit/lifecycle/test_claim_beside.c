/* SPDX-License-Identifier: MIT */
/* A poll beside another that takes a task and gives it back. */
#include "claim.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "lease.h"
#include "queue_fixture.h"
#include "task.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define WAITING PENDING("get_stats", "t")
#define RUNNING EXECUTING(FUTURE, "l1", "get_stats", "t")

/* Another poll takes the task, and gives it back a few looks later. */
struct detour {
    const struct fixture *fixture;
    unsigned opens; /* until it is taken */
    unsigned looks; /* until it is back */
};

static void go(void *context)
{
    struct detour *detour = context;
    int directory = detour->fixture->spool.directory;
    if (detour->opens > 0) {
        detour->opens--;
        if (detour->opens > 0)
            return;
        file_rename(directory, WAITING, RUNNING);
        fault_set_meanwhile(FAULT_STATUS, go, detour);
    } else if (detour->looks > 0) {
        detour->looks--;
        if (detour->looks == 0)
            file_rename(directory, RUNNING, WAITING);
    }
}

static bool poll_beside(void **state, unsigned opens, unsigned looks)
{
    struct claim claim;
    struct task_place place;
    struct config config = fixture_config();
    fixture_renew(*state);
    const struct fixture *fixture = *state;
    struct detour detour = {fixture, opens, looks};
    fixture_put(fixture, WAITING, DROP("get_stats"));
    fixture_put(fixture, "executing/42/x", "");
    fault_set_meanwhile(FAULT_OPEN, go, &detour);
    if (claim_next(UNDER(fixture, &config), "", &claim) == ERROR_NONE)
        task_free(&claim.task);
    fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
    assert_int_equal(fixture_count(fixture, "rejected"), 0);
    assert_int_equal(find_task(&fixture->account, "t", &place), ERROR_NONE);
    return detour.opens == 0;
}

/* It is no copy of itself. */
static void test_given_back(void **state)
{
    for (unsigned looks = 1; looks < 8; looks++) {
        unsigned opens = 1;
        while (poll_beside(state, opens, looks))
            opens++;
        assert_true(opens > 2);
    }
}

struct renewal {
    const struct fixture *fixture;
    unsigned times; /* so far */
    unsigned most;
};

/* The lease is renewed, and so has another name. */
static void renew(void *context)
{
    char next[SPOOL_PATH_MAX];
    struct renewal *renewal = context;
    int directory = renewal->fixture->spool.directory;
    const char *name =
        fixture_find(renewal->fixture, "executing/42", "-t.json");
    if (renewal->times == renewal->most)
        return;
    struct path path =
        account_path(&renewal->fixture->account, SPOOL_EXECUTING, name);
    snprintf(next, sizeof next,
        EXECUTING("20991231T2359%02u.000000Z", "receive1", "get_stats", "t"),
        renewal->times++);
    renameat(directory, path.text, directory, next);
}

/* The client asks again for what it was handed, and the name that it is found
 * by is another one each time before the file is opened: it is told to come
 * again, and is not handed another task. */
static void test_renewed_at_each_look(void **state)
{
    for (unsigned most = 0; most < 40; most++) {
        struct claim claim;
        fixture_renew(*state);
        struct renewal renewal = {*state, 0, most};
        struct config config = fixture_config();
        fixture_put(*state, EXECUTING(FUTURE, "receive1", "get_stats", "t"),
            DROP("get_stats"));
        fixture_put(*state, PENDING("get_stats", "u"), DROP("get_stats"));
        fault_set_meanwhile(FAULT_OPEN, renew, &renewal);
        enum error error =
            claim_next(UNDER(renewal.fixture, &config), "receive1", &claim);
        fault_set_meanwhile(FAULT_OPEN, NULL, NULL);
        print_message("# %u times: %d\n", renewal.times, (int)error);
        if (error == ERROR_NONE) {
            assert_string_equal(claim.task.name.id, "t");
            task_free(&claim.task);
        } else {
            assert_int_equal(error, ERROR_BUSY);
            assert_true(most > 4);
        }
        assert_int_equal(fixture_count(*state, "pending/42"), 1);
    }
}

/* Its result comes before it was handed out. */
static enum error end(void *context)
{
    const struct fixture *fixture = context;
    struct result_body body = {.verdict = said_success};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    return delivery_carry_out(&delivery);
}

/* Or another that does not know the lease renews it. */
static enum error renew_unknown(void *context)
{
    struct task_place place;
    const struct fixture *fixture = context;
    enum error error = find_task(&fixture->account, "t", &place);
    if (error == ERROR_NONE && place.state == TASK_EXECUTING)
        error = lease_renew(&fixture->account, &place, 120);
    return error;
}

/* `looks` in: where the poll has lost what it took, it takes what stands
 * behind. Where that has but another name, it hands that out, and nothing else
 * under the same lease. What has ended in the moment of the answer it may. */
static bool poll_meanwhile(void **state, unsigned looks, fault_work *work)
{
    struct claim claim;
    struct config config = fixture_config();
    fixture_renew(*state);
    const struct fixture *fixture = *state;
    fixture_put(
        fixture, PENDING("create_product", "t"), DROP("create_product"));
    fixture_put(fixture, PENDING("get_stats", "u"), DROP("get_stats"));
    assert_int_equal(
        account_make_folder(&fixture->account, SPOOL_EXECUTING), ERROR_NONE);
    fault_meet(FAULT_STATUS, looks, work, *state);
    enum error error = claim_next(UNDER(fixture, &config), "l1", &claim);
    bool met = fault_clear();
    assert_int_equal(error, ERROR_NONE);
    const char *name = claim.task.name.id[0] == 't' ? "-t.json" : "-u.json";
    if (fixture_find(fixture, "executing/42", name) != NULL)
        assert_int_equal(fixture_count(fixture, "executing/42"), 1);
    else
        assert_int_equal(fixture_count(fixture, "executing/42"), 0);
    task_free(&claim.task);
    return met;
}

static void test_lost_before_it_was_safe(void **state)
{
    static fault_work *const works[] = {end, renew_unknown};
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        unsigned looks = 1;
        while (poll_meanwhile(state, looks, works[i]))
            looks++;
        assert_true(looks > 8);
    }
}

/* Another poll with the same receive_id, where no lock keeps it waiting. */
struct repeat {
    const struct fixture *fixture;
    enum fault_call call;
    bool has_it;
};

static enum error repeat_and_fail(void *context)
{
    struct claim claim;
    struct repeat *repeat = context;
    struct config config = fixture_config();
    enum error error =
        claim_next(UNDER(repeat->fixture, &config), "receive1", &claim);
    repeat->has_it = error == ERROR_NONE;
    if (error == ERROR_NONE)
        task_free(&claim.task);
    fault_set_lasting(repeat->call, 1, EIO);
    return ERROR_NONE;
}

/* The poll that took the task cannot make it safe, or tell whether it is done,
 * and would give back what the other has handed out. */
static void test_taken_over(void **state)
{
    static const struct {
        enum fault_call call;
        const char *waiting, *text;
    } rows[] = {
        {FAULT_SYNC, PENDING("create_product", "t"), DROP("create_product")},
        {FAULT_STATUS, PENDING("get_stats", "t"), DROP("get_stats")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned taken_over = 0;
        bool has_met = true;
        for (unsigned which = 1; has_met; which++) {
            struct claim claim;
            struct config config = fixture_config();
            fixture_renew(*state);
            struct repeat repeat = {*state, rows[i].call, false};
            fixture_put(*state, rows[i].waiting, rows[i].text);
            fault_meet(rows[i].call, which, repeat_and_fail, &repeat);
            enum error error =
                claim_next(UNDER(repeat.fixture, &config), "receive1", &claim);
            if (error == ERROR_NONE)
                task_free(&claim.task);
            has_met = fault_clear();
            if (repeat.has_it)
                assert_int_equal(fixture_count(*state, "pending/42"), 0);
            taken_over += repeat.has_it;
        }
        assert_true(taken_over > 0);
    }
}

static enum error record_only(void *context)
{
    fixture_put(context, COMPLETED("t"), "{}");
    return ERROR_NONE;
}

/* Its end comes up to the moment of the rename, from one who finds the entry
 * under neither name: it is not handed out again. */
static void test_ended_while_taken_over(void **state)
{
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        struct claim claim;
        struct config config = fixture_config();
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        fixture_put(fixture,
            EXECUTING(FUTURE, "receive1", "create_product", "t"),
            DROP("create_product"));
        fault_meet(FAULT_NAMES, which, record_only, *state);
        enum error error =
            claim_next(UNDER(fixture, &config), "receive1", &claim);
        has_met = fault_clear();
        if (error == ERROR_NONE)
            task_free(&claim.task);
        print_message("# call %u: %d\n", which, (int)error);
        assert_int_equal(error, has_met ? ERROR_NOT_FOUND : ERROR_NONE);
        if (has_met)
            fixture_expect_tree(fixture, COMPLETED("t") "\n");
    }
}

static enum error take_away(void *context)
{
    const struct fixture *fixture = context;
    file_rename(fixture->spool.directory, WAITING, RUNNING);
    return ERROR_NONE;
}

/* What was granted for a task that another has taken first goes with the next,
 * and is granted once. */
static void test_granted_for_the_next(void **state)
{
    unsigned next = 0;
    bool has_met = true;
    for (unsigned which = 1; has_met; which++) {
        struct claim claim;
        struct config config = fixture_config();
        config.budget = (struct budget_rules){20, 300};
        fixture_renew(*state);
        const struct fixture *fixture = *state;
        fixture_put(fixture, WAITING, DROP("get_stats"));
        fixture_put(fixture, PENDING("get_stats", "u"), DROP("get_stats"));
        fault_meet(FAULT_NAMES, which, take_away, *state);
        assert_int_equal(
            claim_next(UNDER(fixture, &config), "l2", &claim), ERROR_NONE);
        has_met = fault_clear();
        assert_int_equal(claim.budget, 20);
        assert_int_equal(fixture_count(fixture, "pace/42"), 1);
        assert_non_null(fixture_find(fixture, "pace/42", "-20-0-l2.open"));
        next += claim.task.name.id[0] == 'u';
        task_free(&claim.task);
    }
    assert_true(next > 0);
}

static enum error drop_urgent(void *context)
{
    fixture_put(context, "pending/42/100-" CREATED "-get_stats-urgent.json",
        DROP("get_stats"));
    return ERROR_NONE;
}

/* Where the claim of a deep queue waits for the disk nothing that comes by hand
 * is taken for the claim's own change: the first has to make a folder. */
static void test_drop_beside_the_first(void **state)
{
    const struct fixture *fixture = *state;
    fixture_deep(fixture);
    fault_meet(FAULT_SYNC, 1, drop_urgent, *state);
    fixture_claim(fixture, "", "f0");
    assert_true(fixture_count(fixture, "executing/42") > 0);
    fixture_claim(fixture, "", "urgent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_given_back),
        IN_SPOOL(test_renewed_at_each_look),
        IN_SPOOL(test_lost_before_it_was_safe),
        IN_SPOOL(test_taken_over),
        IN_SPOOL(test_ended_while_taken_over),
        IN_SPOOL(test_granted_for_the_next),
        IN_SPOOL(test_drop_beside_the_first),
    };
    return cmocka_run_group_tests_name("claim_beside", tests, NULL, NULL);
}
