/* SPDX-License-Identifier: MIT */
/* What the checker says of words on a task that cross others: what must pass,
 * and each rule once broken. */
#include "checker_stage.h"

static const char queued_again[] =
    "{\"task_id\":\"t1\",\"status\":\"pending\"}";

/* It has queued a task that never ran, and a word of the plugin that was on its
 * way has made that completed. Who asks meanwhile is told that it waits. */
static void retry_that_is_overtaken(void **state)
{
    for (int overtaken = 1; overtaken >= 0; overtaken--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        struct operation *cancel = ask_of("DELETE", "t1", "");
        remove_file(pending_as("t1", "create_product", 0).text);
        write_record("t1", "create_product", "failed",
            "\"declared\":\"cancelled\",", "\"cancelled\"", "null");
        tell(cancel, 200, "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
        struct operation *result = ask_result("t1", NULL, success);
        if (!overtaken)
            tell(result, 200, received);
        struct operation *retry = ask("POST", "/tasks/t1/retry", "{}");
        problem(ask("POST", "/tasks/t1/retry", "{}"), 409, "task_not_finished");
        remove_file(done_as("t1", "failed").text);
        write_success("t1", "create_product");
        problem(retry, 409, "not_repeatable");
        if (overtaken)
            tell(result, 200, received);
        look_for(false, overtaken ? NULL : "nothing explains");
    }
}

/* The same of a task that may be repeated: then it is retried once more, though
 * a poll has handed it out meanwhile. */
static void retry_that_begins_again(void **state)
{
    for (int overtaken = 1; overtaken >= 0; overtaken--) {
        set_up(state);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        start();
        struct operation *retry = ask_of("POST", "t1", "/retry");
        struct operation *result =
            overtaken ? ask_result("t1", NULL, success) : NULL;
        tell_task(ask_poll(), "t1", "get_stats", "l1");
        show("t1", "completed");
        move(done_as("t1", "failed").text,
            pending_as("t1", "get_stats", 0).text);
        tell(retry, 200, queued_again);
        if (overtaken)
            tell(result, 200, received);
        look_for(false, overtaken ? NULL : "nothing explains");
    }
}

/* Another has finished its word for it, and the next try was cancelled before
 * it looks: it gives the word again, to a task that was only declared failed.
 */
static void word_that_is_given_again(void **state)
{
    for (int retried = 1; retried >= 0; retried--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        hand_out("t1", "create_product", "l1");
        struct operation *result = ask_result("t1", NULL, failure);
        if (!retried)
            tell(result, 200, received);
        tell(ask_of("POST", "t1", "/retry"), 200, queued_again);
        tell(ask_of("DELETE", "t1", ""), 200,
            "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
        remove_file(executing_as("t1", "create_product", "l1", 0).text);
        write_record(
            "t1", "create_product", "failed", "", "\"it broke\"", "null");
        if (retried)
            tell(result, 200, received);
        look_for(false, retried ? NULL : "in the spool it is failed");
    }
}

/* Another has finished its word for it, and it is not told, for an error, that
 * what waits by then is a retry: it ends that, too. */
static void word_that_ends_the_next_try(void **state)
{
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        struct operation *result = ask_result("t1", NULL, failure);
        show("t1", "failed");
        tell(ask_of("POST", "t1", "/retry"), 200, queued_again);
        remove_file(pending_as("t1", "create_product", 0).text);
        write_record(
            "t1", "create_product", "failed", "", "\"it broke\"", "null");
        if (struck)
            history_struck(result);
        tell(result, 200, received);
        look_for(false, struck ? NULL : "in the spool it is failed");
    }
}

/* Whose lease it bears cannot be told, so it counts on a try that waits; but
 * not once a poll has handed that out. */
static void word_that_is_crossed_by_a_poll(void **state)
{
    for (int crossed = 1; crossed >= 0; crossed--) {
        set_up(state);
        write_file(pending_as("t1", "get_stats", 1).text,
            task_text("t1", "get_stats").text);
        start();
        fine();
        struct operation *result = ask_result("t1", "other", success);
        if (!crossed)
            problem(result, 409, "lease_lost");
        struct operation *poll = ask_poll();
        move(pending_as("t1", "get_stats", 1).text,
            executing_as("t1", "get_stats", "l2", 1).text);
        tell_task(poll, "t1", "get_stats", "l2");
        if (!crossed)
            result = ask_result("t1", "other", success);
        write_success("t1", "get_stats");
        problem(ask_result("t1", "l2", failure), 409, "lease_lost");
        remove_file(executing_as("t1", "get_stats", "l2", 1).text);
        tell(result, 200, received);
        look_for(false, crossed ? NULL : "nothing explains");
    }
}

/* It has taken the task, which another poll does not find then, and finds it
 * done by a result that names no lease. */
static void poll_beside_a_result(void **state)
{
    for (int beside = 1; beside >= 0; beside--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        struct operation *poll = ask_poll();
        tell(ask_poll(), 200, "{\"task_id\":null}");
        if (!beside)
            tell(poll, 200, "{\"task_id\":null}");
        struct operation *result = ask_result("t1", NULL, success);
        remove_file(pending_as("t1", "create_product", 0).text);
        write_success("t1", "create_product");
        tell(result, 200, received);
        if (beside)
            tell(poll, 200, "{\"task_id\":null}");
        look_for(false, beside ? NULL : "nothing explains");
    }
}

/* The task that it has taken is finished by another's word and retried before
 * it answers: it takes the next try, under the same lease. */
static void poll_that_takes_twice(void **state)
{
    static const char path[] =
        "/api/plugin/tasks?user_id=42&receive_id=receive2";
    for (int twice = 1; twice >= 0; twice--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct name entry = executing_as("t1", "get_stats", "receive2", 0);
        struct operation *poll = ask("GET", path, NULL);
        move(pending_as("t1", "get_stats", 0).text, entry.text);
        if (!twice)
            tell_task(poll, "t1", "get_stats", "receive2");
        show("t1", "executing");
        tell(ask_result("t1", NULL, success), 200, received);
        tell(ask_of("POST", "t1", "/retry"), 200, queued_again);
        if (twice)
            tell_task(poll, "t1", "get_stats", "receive2");
        tell(ask_result("t1", "receive2", success), 200, received);
        remove_file(entry.text);
        write_success("t1", "get_stats");
        look_for(false, twice ? NULL : "nothing explains");
    }
}

/* A failure has put the task off, and before it answers a success comes. Who
 * asks between the two is told that the task waits. */
static void put_off_and_overtaken(void **state)
{
    static const char unsent[] =
        "\"success\":false,\"error\":\"Aucun onglet Vinted\"";
    for (int overtaken = 1; overtaken >= 0; overtaken--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *failed =
            ask_result("t1", "l1", overtaken ? unsent : success);
        show("t1", "pending");
        tell(ask_result("t1", "l1", success), 200, received);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        write_success("t1", "get_stats");
        problem(failed, 409, "result_conflict");
        look_for(false, overtaken ? NULL : "nothing explains");
    }
}

/* It has looked for the mark of a cancel before that was made, and meets it
 * when the task waits again. */
static void put_off_and_cancelled(void **state)
{
    static const char unsent[] =
        "\"success\":false,\"error\":\"Aucun onglet Vinted\"";
    for (int beside = 1; beside >= 0; beside--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *cancel = ask_of("DELETE", "t1", "");
        struct operation *failed =
            beside ? ask_result("t1", "l1", unsent) : NULL;
        tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
        tell(ask_of("GET", "t1", ""), 200,
            "{\"task_id\":\"t1\",\"user_id\":42,\"status\":\"executing\","
            "\"lease\":\"l1\"}");
        if (!beside)
            failed = ask_result("t1", "l1", unsent);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        tell(failed, 200, received);
        look_for(false, beside ? NULL : "in the spool it is failed cancelled");
    }
}

/* A sync queues what an execute does, and that may be tried again. */
static void put_off_as_a_sync_may_be(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    static const char once[] = "{\"action\":\"get_user_data\",\"params\":{},"
                               "\"retries\":0}";
    static const char handed_out[] =
        "{\"task_id\":\"69b361c0-d430-47f2-8e74-138e90267161\",\"params\":{},"
        "\"action\":\"get_user_data\",\"priority\":1,\"timeout\":60,"
        "\"lease\":\"l1\"}";
    static const char unsent[] =
        "\"success\":false,\"error\":\"Aucun onglet Vinted\"";
    for (int synced = 1; synced >= 0; synced--) {
        set_up(state);
        start();
        tell(ask("POST", "/tasks/create", once), 0, "");
        if (synced)
            tell(ask("POST", "/sync/vinted", "{}"), 200, "{}");
        tell(ask_poll(), 200, handed_out);
        tell(ask_result(id, "l1", unsent), 200, received);
        write_file(pending_as(id, "get_user_data", 1).text, once);
        look_for(false, synced ? NULL : "in the spool it is pending");
    }
}

/* A retry that fails is undone, though what it would answer does not arrive;
 * who asks behind that is told of the end. */
static void retry_that_is_undone(void **state)
{
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        write_success("t1", "get_stats");
        start();
        struct operation *retry = ask_of("POST", "t1", "/retry");
        problem(ask_of("POST", "t1", "/retry"), 409, "task_not_finished");
        if (struck)
            history_struck(retry);
        tell(retry, 0, "");
        problem(ask_of("DELETE", "t1", ""), 409, "task_finished");
        look_for(false, struck ? NULL : "nothing explains");
    }
}

/* Who retries has removed the mark when a person makes one: the next try bears
 * it, but not one that is queued behind that. */
static void mark_beside_a_retry(void **state)
{
    for (int beside = 1; beside >= 0; beside--) {
        set_up(state);
        write_success("t1", "get_stats");
        start();
        if (!beside)
            hand(HAND_WRITE, "progress/42/t1.cancel", NULL, "");
        struct operation *retry = ask_of("POST", "t1", "/retry");
        if (beside)
            hand(HAND_WRITE, "progress/42/t1.cancel", NULL, "");
        problem(ask_result("t1", NULL, "\"success\":true,\"data\":{}"), 409,
            "result_conflict");
        remove_file(done_as("t1", "completed").text);
        tell(retry, 200, queued_again);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        look_for(false, beside ? NULL : "in the spool it is failed cancelled");
    }
}

/* A plugin that says once more what is recorded is told of the record that a
 * cancel has made of the next try, where both come in between. */
static void word_beside_a_retry(void **state)
{
    for (int beside = 1; beside >= 0; beside--) {
        set_up(state);
        write_record("t1", "get_stats", "failed", "", "\"it broke\"", "null");
        start();
        struct operation *result =
            beside ? ask_result("t1", NULL, failure) : NULL;
        tell(ask_of("POST", "t1", "/retry"), 200, queued_again);
        tell(ask_of("DELETE", "t1", ""), 200,
            "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        if (!beside)
            result = ask_result("t1", NULL, failure);
        problem(result, 409, "result_conflict");
        look_for(false, beside ? NULL : "nothing explains");
    }
}

/* Of a mark that a network hid for a moment the task is put off, and then
 * withdrawn. */
static void mark_out_of_sight(void **state)
{
    static const char *const disks[] = {"nfs", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        write_file("progress/42/t1.cancel", "");
        tell(ask_of("DELETE", "t1", ""), 202,
            "{\"task_id\":\"t1\",\"status\":\"executing\"}");
        struct operation *result = ask_result(
            "t1", "l1", "\"success\":false,\"error\":\"Aucun onglet Vinted\"");
        history_struck(result);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        remove_file("progress/42/t1.cancel");
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        tell(result, 200, received);
        look_for(false, i == 0 ? NULL : "in the spool it is failed cancelled");
    }
}

/* Who finds it over has looked for a mark when a person makes one, and its
 * lease may be renewed besides: no lock where there are none. Of one that ends
 * later it knows. */
static void mark_beside_a_time_out(void **state)
{
    static const char renewed[] =
        "{\"status\":\"renewed\",\"cancel\":true,"
        "\"deadline\":\"2026-01-01T00:02:50.000000Z\"}";
    for (int i = 0; i < 4; i++) {
        bool beside = i % 2 != 0;
        set_up(state);
        write_pending("t1", "create_product");
        start();
        hand_out("t1", "create_product", "l1");
        kernel_pass((beside ? 100 : 10) * second);
        hand(HAND_WRITE, "progress/42/t1.cancel", NULL, "");
        if (i / 2 != 0)
            tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"),
                200, renewed);
        show("t1", "executing");
        kernel_pass((beside ? 0 : 200) * second);
        remove_file(executing_as("t1", "create_product", "l1", 0).text);
        remove_file("progress/42/t1.cancel");
        write_timeout("t1", "create_product");
        look_for(false, beside ? NULL : "in the spool it is failed timeout");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(retry_that_is_overtaken),
        TEST(retry_that_begins_again),
        TEST(word_that_is_given_again),
        TEST(word_that_ends_the_next_try),
        TEST(word_that_is_crossed_by_a_poll),
        TEST(poll_beside_a_result),
        TEST(poll_that_takes_twice),
        TEST(put_off_and_overtaken),
        TEST(put_off_as_a_sync_may_be),
        TEST(put_off_and_cancelled),
        TEST(retry_that_is_undone),
        TEST(mark_beside_a_retry),
        TEST(word_beside_a_retry),
        TEST(mark_out_of_sight),
        TEST(mark_beside_a_time_out),
    };
    return cmocka_run_group_tests_name("overlap", tests, NULL, NULL);
}
