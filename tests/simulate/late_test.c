/* SPDX-License-Identifier: MIT */
/* What the checker says of work that came late, and of words that were left:
 * what must pass, and each rule once broken. */
#include "checker_stage.h"

/* Its deadline has passed, and it waits as .r1. */
static void requeue(const char *lease)
{
    hand_out("t1", "get_stats", lease);
    fine();
    kernel_pass(100 * second);
    move(executing_as("t1", "get_stats", lease, 0).text,
        pending_as("t1", "get_stats", 1).text);
    fine();
}

static void late_work_counts(void **state)
{
    static const char *const leases[] = {"l1", "other"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        requeue("l1");
        struct operation *result = ask_result("t1", leases[i], success);
        remove_file(pending_as("t1", "get_stats", 1).text);
        write_success("t1", "get_stats");
        tell(result, 200, received);
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

static void late_work_is_refused(void **state)
{
    static const char *const leases[] = {"l1", "other"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        requeue("l1");
        problem(ask_result("t1", leases[i], success), 409, "lease_lost");
        look_for(false, i == 0 ? "nothing explains" : NULL);
    }
}

/* It is in somebody else's hands by now. */
static void later_work_does_not_count(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    requeue("l1");
    struct operation *poll = ask_poll();
    move(pending_as("t1", "get_stats", 1).text,
        executing_as("t1", "get_stats", "l2", 1).text);
    tell_task(poll, "t1", "get_stats", "l2");
    struct operation *result = ask_result("t1", "l1", success);
    remove_file(executing_as("t1", "get_stats", "l2", 1).text);
    write_success("t1", "get_stats");
    tell(result, 200, received);
    wrong("nothing explains");
}

/* Who posts a result and dies leaves a verdict for whoever meets it. */
static void a_verdict_that_was_left(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    tell(ask_result("t1", "l1", success), 0, "");
    write_success("t1", "get_stats");
    move(done_as("t1", "completed").text, "tmp/42-t1.verdict");
    fine();
    move("tmp/42-t1.verdict", done_as("t1", "completed").text);
    fine();
}

enum {
    MANY = 60 /* more than are followed while nobody names them */
};

/* A loss of power brings one back, of a task of many that nobody names. */
static void a_verdict_that_came_back(void **state)
{
    (void)state;
    char id[20];
    for (int i = 0; i < MANY; i++) {
        snprintf(id, sizeof id, "t%d", i);
        write_pending(id, "get_stats");
    }
    start();
    fine();
    for (int i = 0; i < MANY; i++) {
        char verdict[40];
        snprintf(id, sizeof id, "t%d", i);
        snprintf(verdict, sizeof verdict, "tmp/42-%s.verdict", id);
        write_record(id, "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        move(done_as(id, "failed").text, verdict);
    }
    history_power_loss(history);
    fine();
    for (int i = 0; i < MANY; i++) {
        char verdict[40];
        snprintf(id, sizeof id, "t%d", i);
        snprintf(verdict, sizeof verdict, "tmp/42-%s.verdict", id);
        move(verdict, done_as(id, "failed").text);
        remove_file(pending_as(id, "get_stats", 0).text);
    }
    fine();
}

/* And a poll takes the task while it is carried out. */
static void a_verdict_beside_a_poll(void **state)
{
    for (int is_beside = 1; is_beside >= 0; is_beside--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        requeue("l1");
        struct operation *result = ask_result("t1", "l1", success);
        write_success("t1", "get_stats");
        move(done_as("t1", "completed").text, "tmp/42-t1.verdict");
        tell(result, 0, "");
        if (is_beside)
            fine();
        struct operation *poll = ask_poll();
        move(pending_as("t1", "get_stats", 1).text,
            executing_as("t1", "get_stats", "l2", 1).text);
        tell_task(poll, "t1", "get_stats", "l2");
        if (!is_beside)
            fine();
        move("tmp/42-t1.verdict", done_as("t1", "completed").text);
        remove_file(executing_as("t1", "get_stats", "l2", 1).text);
        problem(ask_result("t1", "l2", success), 409, "lease_lost");
        look_for(false, is_beside ? NULL : "nothing explains");
    }
}

/* Or leaves it, and takes the task. */
static void a_verdict_of_a_lost_task(void **state)
{
    static const char *const disks[] = {"posix", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        struct operation *create = ask("POST", "/api/tasks/create",
            "{\"user_id\":42,\"action\":\"get_stats\",\"task_id\":\"t1\","
            "\"params\":{\"item_id\":\"t1\"}}");
        write_pending("t1", "get_stats");
        tell(create, 0, "");
        hand_out("t1", "get_stats", "l1");
        tell(ask_result("t1", "l1", success), 0, "");
        history_power_loss(history);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        write_success("t1", "get_stats");
        move(done_as("t1", "completed").text, "tmp/42-t1.verdict");
        fine();
        move("tmp/42-t1.verdict", done_as("t1", "completed").text);
        look_for(false, i == 0 ? NULL : "in the spool it is completed");
    }
}

enum taking {
    TAKEN_BY_HAND,
    TAKEN_BY_NOBODY,
    TAKEN_OF_ONE_UNSTRUCK,
    TAKINGS
};

/* It was done by another's word when somebody gave the same, and then could not
 * tell: where a person takes that away, the other is met. */
static void a_word_left_beside_a_record(void **state)
{
    static const char *const complaint[TAKINGS] = {
        [TAKEN_BY_NOBODY] = "nothing explains",
        [TAKEN_OF_ONE_UNSTRUCK] = "in the spool it is failed cancelled"};
    for (enum taking i = 0; i < TAKINGS; i++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct operation *cancel = ask_of("DELETE", "t1", "");
        struct name pending = pending_as("t1", "get_stats", 0);
        move(pending.text, executing_as("t1", "get_stats", "cancel", 0).text);
        remove_file(executing_as("t1", "get_stats", "cancel", 0).text);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        if (i != TAKEN_OF_ONE_UNSTRUCK)
            history_struck(cancel);
        problem(cancel, 503, "unavailable");
        move(done_as("t1", "failed").text, "tmp/42-t1.verdict");
        if (i != TAKEN_BY_NOBODY) {
            write_file(done_as("t1", "failed").text, "{}");
            hand(HAND_REMOVE, done_as("t1", "failed").text, NULL, NULL);
        }
        problem(ask_of("DELETE", "t1", ""), 404, "unknown_task");
        move("tmp/42-t1.verdict", done_as("t1", "failed").text);
        look_for(false, complaint[i]);
    }
}

/* Who was struck when its word was safe may have left it as well, and answers
 * that it counts. */
static void a_word_left_by_who_was_answered(void **state)
{
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *result = ask_result("t1", "l1", success);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        write_success("t1", "get_stats");
        if (struck)
            history_struck(result);
        tell(result, 200, received);
        hand(HAND_REMOVE, done_as("t1", "completed").text, NULL, NULL);
        write_success("t1", "get_stats");
        look_for(false, struck ? NULL : "in the spool it is completed");
    }
}

/* With its entry, which could not be removed: where a person takes the record
 * away the task is in hand again, until the word is met. */
static void a_word_left_beside_its_entry(void **state)
{
    static const char other[] = "\"success\":true,\"data\":{\"view_count\":2}";
    for (int left = 1; left >= 0; left--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *result = ask_result("t1", NULL, success);
        write_success("t1", "get_stats");
        if (left)
            history_struck(result);
        else
            history_note_strike(history);
        tell(result, 200, received);
        hand(HAND_REMOVE, done_as("t1", "completed").text, NULL, NULL);
        tell_task(
            ask("GET", "/api/plugin/tasks?user_id=42&receive_id=l1", NULL),
            "t1", "get_stats", "l1");
        result = ask_result("t1", "l1", other);
        write_success("t1", "get_stats");
        problem(result, 409, "result_conflict");
        look_for(false, left ? NULL : "nothing explains");
    }
}

/* A task is being recorded as expired when a person removes the record: what is
 * seen then is the entry, which goes, too. */
static void an_entry_laid_bare(void **state)
{
    for (int by_hand = 1; by_hand >= 0; by_hand--) {
        set_up(state);
        set_all("expire = 30");
        write_pending("t1", "get_stats");
        start();
        history_note_strike(history);
        struct name entry = executing_as("t1", "get_stats", "expired", 0);
        struct name record = done_as("t1", "failed");
        kernel_pass(100 * second);
        move(pending_as("t1", "get_stats", 0).text, entry.text);
        write_record("t1", "get_stats", "failed", "\"declared\":\"expired\",",
            "\"expired\"", "null");
        if (by_hand)
            hand(HAND_REMOVE, record.text, NULL, NULL);
        else
            remove_file(record.text);
        show("t1", "executing");
        remove_file(entry.text);
        look_for(false, by_hand ? NULL : "in the spool it is unknown");
    }
}

/* So is that of a time-out, which a sweep has recorded and is about to clear.
 */
static void an_entry_laid_bare_beside_a_sweep(void **state)
{
    for (int beside = 1; beside >= 0; beside--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        hand_out("t1", "create_product", "l1");
        kernel_pass(100 * second);
        struct operation *sweep = ask("POST", "/sweeper", "");
        write_timeout("t1", "create_product");
        problem(ask_of("DELETE", "t1", ""), 409, "task_finished");
        if (!beside)
            tell(sweep, 200, "{}");
        hand(HAND_REMOVE, done_as("t1", "failed").text, NULL, NULL);
        show("t1", "executing");
        if (beside)
            tell(sweep, 200, "{}");
        look_for(false, beside ? NULL : "nothing explains");
    }
}

/* And so may a cancel that was killed. */
static void a_cancel_that_was_killed(void **state)
{
    static const char cancelled[] =
        "{\"task_id\":\"t1\",\"status\":\"cancelled\"}";
    for (int killed = 1; killed >= 0; killed--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct operation *cancel = ask_of("DELETE", "t1", "");
        remove_file(pending_as("t1", "get_stats", 0).text);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        tell(cancel, killed ? 0 : 200, killed ? "" : cancelled);
        hand(HAND_REMOVE, done_as("t1", "failed").text, NULL, NULL);
        problem(ask_of("DELETE", "t1", ""), 404, "unknown_task");
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        tell(ask_of("DELETE", "t1", ""), 200, cancelled);
        look_for(false, killed ? NULL : "nothing explains");
    }
}

/* A failure that gave way comes back with the power, on its way out: where a
 * person takes away what took its place, it is all there is. */
static void a_failure_that_came_back(void **state)
{
    static const char aside[] = "tmp/42-t1.1000.1767225600000000.aside";
    static const char *const complaint[TAKINGS] = {
        [TAKEN_BY_NOBODY] = "nothing explains",
        [TAKEN_OF_ONE_UNSTRUCK] = "in the spool it is failed cancelled"};
    struct name failed = done_as("t1", "failed");
    struct name completed = done_as("t1", "completed");
    for (enum taking i = 0; i < TAKINGS; i++) {
        set_up(state);
        write_success("t1", "get_stats");
        start();
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        move(failed.text, i == TAKEN_OF_ONE_UNSTRUCK ? "tmp/1.1.0" : aside);
        history_power_loss(history);
        fine();
        if (i == TAKEN_BY_NOBODY)
            remove_file(completed.text);
        else
            hand(HAND_REMOVE, completed.text, NULL, NULL);
        problem(ask_of("GET", "t1", ""), 404, "unknown_task");
        move(i == TAKEN_OF_ONE_UNSTRUCK ? "tmp/1.1.0" : aside, failed.text);
        look_for(false, complaint[i]);
    }
}

/* It was being put off, or that could not be made safe, when the power went:
 * both names of its file are there, and the earlier one goes. Whoever else dies
 * leaves one or the other. */
static void a_put_off_by_half(void **state)
{
    static const char unsent[] =
        "\"success\":false,\"error\":\"Aucun onglet Vinted\"";
    for (int i = 0; i < 4; i++) {
        bool lost = i < 2;
        bool is_told = i % 2 == 1;
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *result = ask_result("t1", "l1", unsent);
        if (is_told) {
            history_struck(result);
            problem(result, 503, "unavailable");
        } else {
            tell(result, 0, "");
        }
        if (lost)
            history_power_loss(history);
        fine();
        move(executing_as("t1", "get_stats", "l1", 0).text,
            pending_as("t1", "get_stats", 1).text);
        look_for(false, lost ? NULL : "in the spool it is pending");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(late_work_counts),
        TEST(late_work_is_refused),
        TEST(later_work_does_not_count),
        TEST(a_verdict_that_was_left),
        TEST(a_verdict_that_came_back),
        TEST(a_verdict_beside_a_poll),
        TEST(a_verdict_of_a_lost_task),
        TEST(a_word_left_beside_a_record),
        TEST(a_word_left_by_who_was_answered),
        TEST(a_word_left_beside_its_entry),
        TEST(an_entry_laid_bare),
        TEST(an_entry_laid_bare_beside_a_sweep),
        TEST(a_cancel_that_was_killed),
        TEST(a_failure_that_came_back),
        TEST(a_put_off_by_half),
    };
    return cmocka_run_group_tests_name("late", tests, NULL, NULL);
}
