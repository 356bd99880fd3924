/* SPDX-License-Identifier: MIT */
/* What the checker says of results, of what else is asked of a task that was
 * handed out, and of lists: what must pass, and each rule once broken. */
#include "checker_stage.h"

/* --- Results -------------------------------------------------------------- */

static void first_result_stands(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask_result("t1", "l1", success), 200, received);
    problem(ask_result("t1", "l1", failure), 409, "result_conflict");
    problem(ask_result("t1", "other", success), 409, "lease_lost");
    fine();
}

static void second_result_is_taken(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask_result("t1", "l1", failure), 200, received);
    wrong("nothing explains");
}

static void same_result_is_refused(void **state)
{
    (void)state;
    finish(failure, "failed");
    problem(ask_result("t1", "l1", failure), 409, "result_conflict");
    wrong("nothing explains");
}

static void another_record(void **state)
{
    (void)state;
    finish(success, "failed");
    wrong("in the spool it is failed");
}

static void result_is_lost(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    tell(ask_result("t1", "l1", success), 200, received);
    wrong("in the spool it is executing");
}

static void declared_gives_way(void **state)
{
    (void)state;
    write_timeout("t1", "create_product");
    start();
    struct operation *result = ask_result("t1", NULL, success);
    remove_file(done_as("t1", "failed").text);
    write_success("t1", "create_product");
    tell(result, 200, received);
    fine();
    set_up(state);
    write_timeout("t1", "create_product");
    start();
    problem(ask_result("t1", NULL, success), 409, "result_conflict");
    wrong("nothing explains");
}

static void wrong_leases(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    tell(ask_result("t1", "nosuch", success), 200, received);
    wrong("nothing explains");
    set_up(state);
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_result("t1", "l2", success), 200, received);
    wrong("nothing explains");
    set_up(state);
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    problem(ask_result("t1", "l1", success), 409, "lease_lost");
    wrong("nothing explains");
}

/* A result of the try before, after a retry. */
static void lease_of_the_try_before(void **state)
{
    (void)state;
    finish(success, "completed");
    struct operation *retry =
        ask("POST", "/tasks/t1/retry", "{\"force\":true}");
    move(done_as("t1", "completed").text,
        pending_as("t1", "create_product", 0).text);
    tell(retry, 200, "{\"task_id\":\"t1\",\"status\":\"pending\"}");
    tell(ask_result("t1", "l1", success), 200, received);
    wrong("nothing explains");
}

/* The task is done, by the word of a program that is still on its way; or by
 * nobody's. */
static struct operation *do_beside(bool is_spoken)
{
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result =
        is_spoken ? ask_result("t1", NULL, success) : NULL;
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    write_success("t1", "create_product");
    return result;
}

/* Its record is taken back into the queue before its program has looked for it,
 * which then finds what the next try has come to. */
static void told_of_the_next_try(void **state)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        set_up(state);
        struct operation *result = do_beside(is_late == 0);
        struct operation *retry =
            ask("POST", "/tasks/t1/retry", "{\"force\":true}");
        move(done_as("t1", "completed").text,
            pending_as("t1", "create_product", 0).text);
        tell(retry, 200, "{\"task_id\":\"t1\",\"status\":\"pending\"}");
        if (is_late)
            result = ask_result("t1", NULL, success);
        hand_out("t1", "create_product", "l2");
        struct operation *next = ask_result("t1", "l2", failure);
        remove_file(executing_as("t1", "create_product", "l2", 0).text);
        write_record(
            "t1", "create_product", "failed", "", "\"it broke\"", "null");
        tell(next, 200, received);
        problem(result, 409, "result_conflict");
        look_for(false, is_late ? "nothing explains" : NULL);
    }
}

static void told_of_no_task(void **state)
{
    for (int i = 0; i < 4; i++) {
        bool is_late = i % 2 != 0;
        bool moves = i / 2 != 0;
        set_up(state);
        struct operation *result = do_beside(!is_late);
        show("t1", "completed");
        if (moves)
            hand(HAND_MOVE, done_as("t1", "completed").text,
                "pending/42/t1.completed.json", NULL);
        else
            hand(HAND_REMOVE, done_as("t1", "completed").text, NULL, NULL);
        if (is_late)
            result = ask_result("t1", NULL, success);
        if (moves)
            problem(result, 409, "lease_lost");
        else
            problem(result, 404, "unknown_task");
        look_for(false, is_late ? "nothing explains" : NULL);
    }
}

static void a_killed_result(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_result("t1", "l1", success), 0, "");
    show("t1", "executing");
    write_success("t1", "create_product");
    show("t1", "completed");
    fine();
    look_for(true, "outlived");
}

static void catalogue_is_forgotten(void **state)
{
    (void)state;
    tell_of_product();
    wrong("product 7 is neither");
    write_file("products/42.ndjson", "{\"id\":7,\"title\":\"x\"}\n");
    fine();
}

static void put_off(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result(
        "t1", "l1", "\"success\":false,\"error\":\"Aucun onglet Vinted\"");
    move(executing_as("t1", "create_product", "l1", 0).text,
        pending_as("t1", "create_product", 1).text);
    tell(result, 200, received);
    fine();
}

static void put_off_although_it_was_sent(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result("t1", "l1", failure);
    move(executing_as("t1", "create_product", "l1", 0).text,
        pending_as("t1", "create_product", 1).text);
    tell(result, 200, received);
    wrong("in the spool it is pending");
}

/* --- Cancels, retries, progress ------------------------------------------- */

static void cancel_is_heeded(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_pending("t2", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *cancel = ask_of("DELETE", "t1", "");
    write_file("progress/42/t1.cancel", "");
    tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
    cancel = ask_of("DELETE", "t2", "");
    remove_file(pending_as("t2", "get_stats", 0).text);
    write_record("t2", "get_stats", "failed", "\"declared\":\"cancelled\",",
        "\"cancelled\"", "null");
    tell(cancel, 200, "{\"task_id\":\"t2\",\"status\":\"cancelled\"}");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:01:00.000000Z\",\"cancel\":true}");
    fine();
    remove_file("progress/42/t1.cancel");
    wrong("its end asked for");
}

static void cancel_is_not_told(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *cancel = ask_of("DELETE", "t1", "");
    write_file("progress/42/t1.cancel", "");
    tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:01:00.000000Z\",\"cancel\":false}");
    wrong("nothing explains");
}

static void cancelled_and_yet_requeued(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask_of("DELETE", "t1", ""), 200,
        "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
    wrong("in the spool it is pending");
}

static void hand_out_again(struct name back)
{
    struct operation *poll = ask_poll();
    move(back.text, executing_as("t1", "get_stats", "l2", 1).text);
    tell_task(poll, "t1", "get_stats", "l2");
}

/* It is queued with its mark, and then cancelled; not handed out, nor queued
 * without the mark. */
static void cancelled_and_taken_back(void **state)
{
    static const char *const wrongs[] = {
        NULL, "nothing explains", "its end asked for"};
    for (int i = 0; i < 3; i++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct name entry = executing_as("t1", "get_stats", "l1", 0);
        struct name back = pending_as("t1", "get_stats", 1);
        struct name moved;
        snprintf(moved.text, sizeof moved.text, "pending/%s",
            entry.text + strlen("executing/"));
        struct operation *cancel = ask_of("DELETE", "t1", "");
        write_file("progress/42/t1.cancel", "");
        tell(cancel, 202, "{\"task_id\":\"t1\",\"status\":\"executing\"}");
        hand(HAND_MOVE, entry.text, moved.text, NULL);
        fine();
        move(moved.text, back.text);
        if (i == 1) {
            fine();
            hand_out_again(back);
        } else {
            remove_file("progress/42/t1.cancel");
        }
        if (i == 0) {
            remove_file(back.text);
            write_record("t1", "get_stats", "failed",
                "\"declared\":\"cancelled\",", "\"cancelled\"", "null");
        }
        look_for(false, wrongs[i]);
    }
}

static void retry_without_force(void **state)
{
    (void)state;
    finish(success, "completed");
    problem(ask("POST", "/tasks/t1/retry", "{}"), 409, "not_repeatable");
    fine();
    struct operation *retry = ask("POST", "/tasks/t1/retry", "{}");
    move(done_as("t1", "completed").text,
        pending_as("t1", "create_product", 0).text);
    tell(retry, 200, "{\"task_id\":\"t1\",\"status\":\"pending\"}");
    wrong("nothing explains");
}

static void renewed_although_it_is_over(void **state)
{
    (void)state;
    finish(success, "completed");
    tell(ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}"), 200,
        "{\"deadline\":\"2026-01-01T00:02:00.000000Z\",\"cancel\":false}");
    wrong("nothing explains");
}

/* It has renewed the lease, and sleeps until that has ended as well; others
 * settle it meanwhile, and the mark goes with the task. */
static void progress_that_sleeps(void **state)
{
    for (int sleeps = 1; sleeps >= 0; sleeps--) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        hand_out("t1", "create_product", "l1");
        tell(ask_of("DELETE", "t1", ""), 202,
            "{\"task_id\":\"t1\",\"status\":\"executing\"}");
        struct operation *progress =
            ask("POST", "/plugin/tasks/t1/progress", "{\"lease\":\"l1\"}");
        kernel_pass((sleeps ? 130 : 30) * second);
        remove_file(executing_as("t1", "create_product", "l1", 0).text);
        write_record("t1", "create_product", "failed",
            "\"declared\":\"cancelled\",", "\"cancelled\"", "null");
        tell(progress, 200,
            "{\"deadline\":\"2026-01-01T00:01:00.000000Z\",\"cancel\":false}");
        look_for(false, sleeps ? NULL : "nothing explains");
    }
}

/* --- Lists ---------------------------------------------------------------- */

static void lists(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask("GET", "/tasks", NULL), 200,
        "{\"tasks\":[{\"task_id\":\"t1\",\"status\":\"pending\"}],"
        "\"next_cursor\":null}");
    fine();
    tell(
        ask("GET", "/tasks", NULL), 200, "{\"tasks\":[],\"next_cursor\":null}");
    wrong("nothing explains");
    tell(ask("GET", "/tasks", NULL), 200,
        "{\"tasks\":[{\"task_id\":\"t1\",\"status\":\"completed\"}],"
        "\"next_cursor\":null}");
    wrong("nothing explains");
}

static void a_list_beside_a_move(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    struct operation *list = ask("GET", "/tasks", NULL);
    hand_out("t1", "get_stats", "l1");
    tell(list, 200, "{\"tasks\":[],\"next_cursor\":null}");
    fine();
}

/* So does a person's move within the queue. */
static void a_list_beside_a_new_name(void **state)
{
    const struct name from = pending_as("t1", "get_stats", 0);
    for (int is_late = 0; is_late < 2; is_late++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct operation *list = is_late ? NULL : ask("GET", "/tasks", NULL);
        hand(HAND_MOVE, from.text, pending_as("t1", "get_stats", 1).text, NULL);
        if (is_late)
            list = ask("GET", "/tasks", NULL);
        tell(list, 200, "{\"tasks\":[],\"next_cursor\":null}");
        look_for(false, is_late ? "nothing explains" : NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_result_stands),
        TEST(second_result_is_taken),
        TEST(same_result_is_refused),
        TEST(another_record),
        TEST(result_is_lost),
        TEST(declared_gives_way),
        TEST(wrong_leases),
        TEST(lease_of_the_try_before),
        TEST(told_of_the_next_try),
        TEST(told_of_no_task),
        TEST(a_killed_result),
        TEST(catalogue_is_forgotten),
        TEST(put_off),
        TEST(put_off_although_it_was_sent),
        TEST(cancel_is_heeded),
        TEST(cancel_is_not_told),
        TEST(cancelled_and_yet_requeued),
        TEST(cancelled_and_taken_back),
        TEST(retry_without_force),
        TEST(renewed_although_it_is_over),
        TEST(progress_that_sleeps),
        TEST(lists),
        TEST(a_list_beside_a_move),
        TEST(a_list_beside_a_new_name),
    };
    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
