/* SPDX-License-Identifier: MIT */
/* A retry beside others that deal with its task, when the host fails it, too.
 */
#include "buffer.h"
#include "cancel.h"
#include "claim.h"
#include "config.h"
#include "delivery.h"
#include "error.h"
#include "fault.h"
#include "file.h"
#include "find.h"
#include "ingest_fixture.h"
#include "path.h"
#include "retry.h"
#include "step_fixture.h"
#include "task_fixture.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINK "rejected/x"
#define WAITING PENDING("get_stats", "t")
#define LATER "998-20241207T100001.000000Z-get_stats-t.json"
#define DUE "29991207T100000.000000Z-"
#define SCHEDULED                                                              \
    "{\"task_id\":\"t\",\"user_id\":42,\"action\":\"get_stats\","              \
    "\"params\":{},\"not_before\":\"2999-12-07T10:00:00.000000Z\","            \
    "\"status\":\"failed\",\"declared\":\"cancelled\","                        \
    "\"completed_at\":\"2024-12-07T10:01:00.000000Z\"}"

#define SPOKEN STEP_RECORD("failed", "\"error\":\"no\",\"leases\":[],")

static enum error retry(const struct fixture *fixture)
{
    struct config config = fixture_config();
    return retry_task(UNDER(fixture, &config), "t", true);
}

/* A failure that we had declared, and of which a plugin's word stood beside it
 * in ingest/ has another link. */
static void lay(const struct fixture *fixture)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, FAILED("t"), STEP_DECLARED);
    fixture_put(fixture, LINK, "");
    assert_int_equal(unlinkat(directory, LINK, 0), 0);
    assert_int_equal(linkat(directory, FAILED("t"), directory, LINK, 0), 0);
}

/* What another does, and which call fails then. */
struct other {
    const struct fixture *fixture;
    bool (*act)(const struct fixture *fixture);
    enum fault_call call;
    unsigned which;      /* 0: none */
    struct other *third; /* who acts before that call; NULL: it fails */
    bool has_come;
    bool has_acted; /* and found what it needs */
};

static enum error act(void *context)
{
    struct other *other = context;
    other->has_come = true;
    other->has_acted = other->act(other->fixture);
    if (other->third != NULL) {
        other->third->fixture = other->fixture;
        fault_meet(FAULT_STATUS, other->which, act, other->third);
    } else if (other->which > 0)
        fault_set(other->call, other->which, EIO);
    return ERROR_NONE;
}

static enum error retry_laid_beside(void **state,
    void (*lay_record)(const struct fixture *fixture), struct other *other,
    enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    other->fixture = *state;
    other->has_come = other->has_acted = false;
    lay_record(*state);
    fault_meet(call, which, act, other);
    enum error error = retry(*state);
    fault_clear();
    print_message("# call %u, and %u: %d%s\n", which, other->which, (int)error,
        other->has_acted ? ", has acted" : "");
    return error;
}

static enum error retry_beside(
    void **state, struct other *other, enum fault_call call, unsigned which)
{
    return retry_laid_beside(state, lay, other, call, which);
}

/* Another has been handed what was queued, and it waits again by now. */
static bool take_and_bring_back(const struct fixture *fixture)
{
    int directory = fixture->spool.directory;
    const char *name = fixture_find(fixture, "pending/42", "-t.json");
    if (name == NULL)
        return false;
    struct path path = account_path(&fixture->account, SPOOL_PENDING, name);
    return renameat(directory, path.text, directory, WAITING) == 0;
}

/* That is the very file, and yet no debris of a retry that has failed. */
static void test_brought_back_meanwhile(void **state)
{
    bool has_acted = false;
    struct other other = {.act = take_and_bring_back, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        struct task_place place;
        retry_beside(state, &other, FAULT_ALL, which);
        has_acted |= other.has_acted;
        assert_int_equal(
            find_task(&other.fixture->account, "t", &place), ERROR_NONE);
    }
    assert_true(has_acted);
}

/* The next try has failed by the time that one looks whether what was queued
 * is there still. */
static bool fetch_and_fail(const struct fixture *fixture)
{
    struct claim claim;
    struct config config = fixture_config();
    struct result_body body = {
        .verdict = {.error = "no", .error_length = 2, .execution_time_ms = -1}};
    struct delivery delivery = {
        .account = &fixture->account, .id = "t", .body = &body};
    if (claim_next(UNDER(fixture, &config), "", &claim) != ERROR_NONE)
        return false;
    task_free(&claim.task);
    return delivery_carry_out(&delivery) == ERROR_NONE;
}

/* That is the end of the next try, and no late word on the one before. */
static void test_failed_meanwhile(void **state)
{
    bool has_acted = false;
    struct other other = {.act = fetch_and_fail, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        enum error error = retry_beside(state, &other, FAULT_STATUS, which);
        has_acted |= other.has_acted;
        assert_int_equal(error, ERROR_NONE);
        if (other.has_acted)
            fixture_expect_member(*state, FAILED("t"), "error", "\"no\"");
    }
    assert_true(has_acted);
}

static bool leave_debris(const struct fixture *fixture)
{
    int directory = fixture->spool.directory;
    return linkat(directory, FAILED("t"), directory, WAITING, 0) == 0;
}

/* Nobody is handed the task twice, where the debris of another retry cannot be
 * removed. */
static void test_debris_that_stays(void **state)
{
    bool has_acted = false;
    struct other other = {
        .act = leave_debris, .call = FAULT_NAMES, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        for (other.which = 1; other.which < 5; other.which++) {
            if (retry_beside(state, &other, FAULT_STATUS, which) != ERROR_NONE)
                retry(*state);
            has_acted |= other.has_acted;
            fixture_claim(*state, "", "t");
            fixture_claim(*state, "", NULL);
        }
    }
    assert_true(has_acted);
}

/* What was queued again is cancelled at once. */
static bool cancel(const struct fixture *fixture)
{
    struct config config = fixture_config();
    enum cancel_outcome outcome;
    return cancel_task(UNDER(fixture, &config), "t", &outcome) == ERROR_NONE &&
           outcome == CANCEL_DONE;
}

/* That is no late word on the try before: it was queued, and is told so, unless
 * it cannot be read what it has come to. */
static void test_cancelled_meanwhile(void **state)
{
    static const enum fault_call calls[] = {
        FAULT_STATUS, FAULT_OPEN, FAULT_READ, FAULT_MEMORY};
    bool has_acted = false;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct other other = {
            .act = cancel, .call = calls[i], .has_come = true};
        for (unsigned which = 1; other.has_come; which++) {
            for (other.which = 0; other.which < 6; other.which++) {
                enum error error =
                    retry_beside(state, &other, FAULT_STATUS, which);
                has_acted |= other.has_acted;
                if (other.has_acted)
                    fixture_expect_member(
                        *state, FAILED("t"), "declared", "\"cancelled\"");
                assert_true(error == ERROR_NONE || other.which > 0);
                if (other.has_acted)
                    assert_int_equal(fixture_count(*state, "pending/42"), 0);
            }
        }
    }
    assert_true(has_acted);
}

static bool retry_again(const struct fixture *fixture)
{
    return retry(fixture) == ERROR_NONE;
}

/* And a third has queued it once more, a few looks later. */
static void test_cancelled_and_retried_meanwhile(void **state)
{
    struct other third = {.act = retry_again};
    struct other other = {.act = cancel, .third = &third, .has_come = true};
    bool has_acted = false;
    for (unsigned which = 1; other.has_come; which++) {
        for (other.which = 1; other.which < 9; other.which++) {
            third.has_acted = false;
            enum error error = retry_beside(state, &other, FAULT_STATUS, which);
            has_acted |= third.has_acted;
            assert_true(error == ERROR_NONE || error == ERROR_EXISTS);
            if (third.has_acted)
                assert_int_equal(fixture_count(*state, "pending/42"), 1);
        }
    }
    assert_true(has_acted);
}

/* Another retry has queued the task, and a plugin's word, which was to take the
 * place of our declaration, has come too late for that, and stands. */
static bool queue_and_speak(const struct fixture *fixture)
{
    int directory = fixture->spool.directory;
    fixture_put(fixture, "pending/42/made", "");
    assert_int_equal(unlinkat(directory, "pending/42/made", 0), 0);
    if (renameat(directory, FAILED("t"), directory, WAITING) != 0)
        return false;
    fixture_put(fixture, FAILED("t"), SPOKEN);
    return true;
}

/* That word is not what was to be queued: the task would wait twice. */
static void test_spoken_meanwhile(void **state)
{
    bool has_acted = false;
    struct other other = {.act = queue_and_speak, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        retry_beside(state, &other, FAULT_ALL, which);
        has_acted |= other.has_acted;
        assert_int_equal(fixture_count(*state, "pending/42"), 1);
    }
    assert_true(has_acted);
}

static void lay_spoken(const struct fixture *fixture)
{
    fixture_put(fixture, FAILED("t"), SPOKEN);
}

/* A plugin that tells no lease posts a success to what is queued again, which
 * has still to be carried out. */
static bool succeed(const struct fixture *fixture)
{
    if (fixture_find(fixture, "pending/42", "-t.json") == NULL)
        return false;
    fixture_put(fixture, "tmp/42-t.verdict", STEP_RECORD("completed", ""));
    return true;
}

/* What is told as done by then stays, and nothing comes beside it, not for a
 * moment: the failure was a plugin's word, too, and would be another end of the
 * same task. */
static void test_succeeded_meanwhile(void **state)
{
    bool has_acted = false;
    struct other other = {
        .act = succeed, .call = FAULT_STATUS, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        for (other.which = 1; other.which < 30; other.which++) {
            const struct fixture *fixture = *state;
            int directory = fixture->spool.directory;
            struct buffer steps = BUFFER_EMPTY;
            fault_watch(&steps);
            retry_laid_beside(state, lay_spoken, &other, FAULT_ALL, which);
            fault_watch(NULL);
            has_acted |= other.has_acted;
            if (file_exists(directory, COMPLETED("t")))
                assert_null(strstr(buffer_text(&steps), "link pending/42/"));
            buffer_free(&steps);
        }
    }
    assert_true(has_acted);
}

/* A result that has found the entry in pending/, and comes to the end before
 * one of the retry's changes of names. */
struct recorder {
    const struct fixture *fixture;
    unsigned left; /* changes until then */
    bool has_acted;
};

static void record_success(void *context)
{
    struct recorder *recorder = context;
    const struct fixture *fixture = recorder->fixture;
    if (recorder->left > 0)
        recorder->left--;
    if (recorder->left > 0 || recorder->has_acted ||
        file_exists(fixture->spool.directory, FAILED("t")) ||
        fixture_find(fixture, "pending/42", "-t.json") == NULL)
        return;
    recorder->has_acted = true;
    fixture_put(fixture, COMPLETED("t"), STEP_RECORD("completed", ""));
}

/* While the retry gives back what it could not make safe. */
static void test_recorded_meanwhile(void **state)
{
    struct recorder recorder = {.fixture = *state};
    bool has_acted = false;
    for (unsigned which = 1; which < 8; which++) {
        for (unsigned change = 1; change < 12; change++) {
            fixture_renew(*state);
            lay_spoken(*state);
            recorder.left = change;
            recorder.has_acted = false;
            fault_set_meanwhile(FAULT_NAMES, record_success, &recorder);
            fault_set(FAULT_SYNC, which, EIO);
            retry(*state);
            fault_clear();
            fault_set_meanwhile(FAULT_NAMES, NULL, NULL);
            has_acted |= recorder.has_acted;
            int directory = recorder.fixture->spool.directory;
            assert_false(file_exists(directory, COMPLETED("t")) &&
                         file_exists(directory, FAILED("t")));
        }
    }
    assert_true(has_acted);
}

/* Has given the word its name, and seen that the task is not done. */
static void speak(void *context)
{
    struct recorder *recorder = context;
    const struct fixture *fixture = recorder->fixture;
    int directory = fixture->spool.directory;
    if (recorder->has_acted || recorder->left-- > 1 ||
        file_exists(directory, FAILED("t")) ||
        fixture_find(fixture, "pending/42", "-t.json") == NULL)
        return;
    recorder->has_acted = true;
    fixture_put(fixture, "tmp/42-t.verdict", STEP_RECORD("completed", ""));
}

/* Such a word will be recorded: nothing is given back beside it. */
static void test_spoken_while_given_back(void **state)
{
    struct recorder recorder = {.fixture = *state};
    bool has_acted = false;
    for (unsigned which = 1; which < 8; which++) {
        for (unsigned change = 1; change < 12; change++) {
            fixture_renew(*state);
            lay_spoken(*state);
            recorder.left = change;
            recorder.has_acted = false;
            fault_set_meanwhile(FAULT_NAMES, speak, &recorder);
            fault_set(FAULT_SYNC, which, EIO);
            retry(*state);
            fault_clear();
            fault_set_meanwhile(FAULT_NAMES, NULL, NULL);
            has_acted |= recorder.has_acted;
            int directory = recorder.fixture->spool.directory;
            assert_false(recorder.has_acted &&
                         file_exists(directory, "tmp/42-t.verdict") &&
                         file_exists(directory, FAILED("t")));
        }
    }
    assert_true(has_acted);
}

/* Records a word in the place of our declaration, and has still to clear what
 * waits beside what is done. */
static void record_and_clear(void *context)
{
    struct recorder *recorder = context;
    const struct fixture *fixture = recorder->fixture;
    int directory = fixture->spool.directory;
    const char *queued = fixture_find(fixture, "pending/42", "-t.json");
    if (!file_exists(directory, FAILED("t")))
        return;
    if (recorder->has_acted && queued != NULL) {
        unlinkat(directory, path_in_user(SPOOL_PENDING, 42, queued).text, 0);
    } else if (!recorder->has_acted && recorder->left-- <= 1) {
        recorder->has_acted = true;
        fixture_put(fixture, "tmp/42-t.verdict", SPOKEN);
        unlinkat(directory, FAILED("t"), 0);
        assert_int_equal(
            linkat(directory, "tmp/42-t.verdict", directory, FAILED("t"), 0),
            0);
    }
}

/* What is given back may be that very word, of which nothing else is left once
 * its speaker has seen it there. */
static void test_word_given_back(void **state)
{
    struct recorder recorder = {.fixture = *state};
    bool has_acted = false;
    for (unsigned change = 1; change < 12; change++) {
        fixture_renew(*state);
        fixture_put(*state, FAILED("t"), STEP_DECLARED);
        recorder.left = change;
        recorder.has_acted = false;
        fault_set_meanwhile(FAULT_NAMES, record_and_clear, &recorder);
        retry(*state);
        fault_set_meanwhile(FAULT_NAMES, NULL, NULL);
        has_acted |= recorder.has_acted;
        assert_true(
            file_exists(recorder.fixture->spool.directory, FAILED("t")) ||
            fixture_count(*state, "pending/42") == 1);
    }
    assert_true(has_acted);
}

/* Who was killed right after it has moved that word has left it so: the task is
 * handed out once, and the other entry told of as one too many. */
static void test_killed_before_it_looks(void **state)
{
    fixture_put(*state, WAITING, STEP_DECLARED);
    fixture_put(*state, "pending/42/" LATER, SPOKEN);
    fixture_claim(*state, "receive1", "t");
    fixture_claim(*state, "receive2", NULL);
    assert_non_null(fixture_find(*state, "executing/42", "-get_stats-t.json"));
    fixture_expect(*state, "rejected/" LATER, SPOKEN);
    assert_int_equal(fixture_count(*state, "pending/42"), 0);
}

/* Whether there was such a call. */
static bool retry_from(void **state, enum fault_call call, unsigned which)
{
    fixture_renew(*state);
    fixture_put(*state, FAILED("t"), STEP_DECLARED);
    fault_set_lasting(call, which, EIO);
    enum error error = retry(*state);
    bool has_come = fault_clear();
    print_message("# kind %d, from %u on: %d\n", (int)call, which, (int)error);
    if (error != ERROR_NONE)
        retry(*state);
    fixture_claim(*state, "", "t");
    fixture_claim(*state, "", NULL);
    return has_come;
}

/* From one call on nothing can be done at all, or nothing be made safe: what
 * cannot be put back where it was stays in the queue. */
static void test_host_that_fails(void **state)
{
    static const enum fault_call calls[] = {FAULT_ALL, FAULT_SYNC};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        unsigned which = 1;
        while (retry_from(state, calls[i], which))
            which++;
    }
}

/* A task that is to wait until a later moment is queued for that moment by
 * each of two retries: neither may take the other's name for its own. */
static bool retry_too(const struct fixture *fixture)
{
    return retry(fixture) == ERROR_NONE;
}

static void test_scheduled(void **state)
{
    struct other other = {.act = retry_too, .has_come = true};
    for (unsigned which = 1; other.has_come; which++) {
        const struct fixture *fixture = *state;
        other.fixture = fixture;
        other.has_come = other.has_acted = false;
        fixture_put(fixture, FAILED("t"), SCHEDULED);
        fault_meet(FAULT_ALL, which, act, &other);
        enum error error = retry(fixture);
        fault_clear();
        assert_int_equal((error == ERROR_NONE) + other.has_acted, 1);
        assert_true(error == ERROR_NONE || error == ERROR_EXISTS);
        assert_int_equal(fixture_count(fixture, "pending/42"), 1);
        assert_null(fixture_find(fixture, "pending/42", DUE));
        fixture_renew(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SPOOL(test_brought_back_meanwhile),
        IN_SPOOL(test_scheduled),
        IN_SPOOL(test_failed_meanwhile),
        IN_SPOOL(test_debris_that_stays),
        IN_SPOOL(test_cancelled_meanwhile),
        IN_SPOOL(test_cancelled_and_retried_meanwhile),
        IN_SPOOL(test_spoken_meanwhile),
        IN_SPOOL(test_succeeded_meanwhile),
        IN_SPOOL(test_recorded_meanwhile),
        IN_SPOOL(test_spoken_while_given_back),
        IN_SPOOL(test_word_given_back),
        IN_SPOOL(test_killed_before_it_looks),
        IN_SPOOL(test_host_that_fails),
    };
    return cmocka_run_group_tests_name("retry_beside", tests, NULL, NULL);
}
