/* SPDX-License-Identifier: MIT */
/* How far the checker excuses what it cannot know: what must pass, and what
 * looks much like it and is wrong all the same. */
#include "checker_stage.h"

static const char key_id[] = "key-0123456789012345678901234567890123456789";
static const char nothing[] = "{\"task_id\":null}";

static void declare_expired(void)
{
    remove_file(pending_as("t1", "get_stats", 0).text);
    write_record("t1", "get_stats", "failed", "\"declared\":\"expired\",",
        "\"expired\"", "null");
}

/* Settings that are 0 hold nothing back, and have nothing expire. */
static void settings_of_0(void **state)
{
    for (int is_set = 0; is_set < 2; is_set++) {
        set_up(state);
        set_all(is_set ? "pace = 1" : "pace = 0");
        write_pending("t1", "get_stats");
        start();
        tell(ask_poll(), 200, nothing);
        look_for(false, is_set ? NULL : "nothing explains");
        set_up(state);
        set_all(is_set ? "expire = 30" : "expire = 0");
        write_pending("t1", "get_stats");
        start();
        declare_expired();
        look_for(false, is_set ? NULL : "in the spool it is failed expired");
    }
}

static struct operation *ask_by_key(void)
{
    static const char body[] =
        "{\"item_id\":\"key-0123456789012345678901234567890123456789\"}";
    const struct request request = {.method = "POST",
        .path = "/tasks/create",
        .query = "action=get_stats",
        .key = "a key",
        .body = body,
        .length = sizeof body - 1,
        .user = 42};
    return history_request(history, &request);
}

/* That a poll may have taken tasks of which nobody knows, in vain and again,
 * does not excuse that one is lost which was acknowledged meanwhile. */
static void create_beside_a_struck_poll(void **state)
{
    for (int is_lost = 0; is_lost < 2; is_lost++) {
        set_up(state);
        struct operation *poll = ask_poll();
        struct operation *create = ask_by_key();
        history_struck(poll);
        tell(poll, 200, nothing);
        if (!is_lost)
            write_pending(key_id, "get_stats");
        tell_created(create, key_id);
        look_for(false, is_lost ? "in the spool it is unknown" : NULL);
    }
}

/* A task of a create that named no ID: none but an execute's is ended without
 * anybody asking. */
static void cancelled_beside_an_execute(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    static const char *const actions[] = {"get_user_data", "get_stats"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending(id, actions[i]);
        start();
        struct operation *execute =
            ask("POST", "/plugin/execute", "{\"action\":\"GET_USER_DATA\"}");
        remove_file(pending_as(id, actions[i], 0).text);
        write_record(id, actions[i], "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        problem(execute, 504, "plugin_timeout");
        look_for(false, i == 0 ? NULL : "in the spool it is failed cancelled");
    }
}

/* What a clock that was set does to a stamp is over when that has got old;
 * which task is due is seen anew. */
static void nothing_after_the_clock_was_set(void **state)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        history_clock(history);
        fine();
        if (is_late)
            kernel_pass(16 * second);
        tell(ask_poll(), 200, nothing);
        look_for(false, is_late ? "nothing explains" : NULL);
    }
}

/* A stamp that says that nothing waits may outlast a loss of power, and what
 * was taken come back. */
static void nothing_after_power_loss(void **state)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        history_power_loss(history);
        fine();
        if (is_late)
            kernel_pass(INT64_C(16000000000));
        tell(ask_poll(), 200, nothing);
        look_for(false, is_late ? "nothing explains" : NULL);
    }
}

/* Whoever asks by a key gets the task that it asked for. */
static void key_of_another_content(void **state)
{
    for (int is_another = 0; is_another < 2; is_another++) {
        set_up(state);
        struct operation *create = ask_by_key();
        write_file(pending_as(key_id, "get_stats", 0).text,
            is_another ? "{\"action\":\"get_stats\",\"params\":{}}"
                       : task_text(key_id, "get_stats").text);
        tell_created(create, key_id);
        look_for(false, is_another ? "in the spool it is pending" : NULL);
    }
}

static const char drop[] = "{\"user_id\":42,\"action\":\"get_stats\","
                           "\"params\":{\"item_id\":\"d1\"}}";

/* A drop that a loss of power has left is on the disk. */
static void drop_after_power_loss(void **state)
{
    for (int outlives = 0; outlives < 2; outlives++) {
        set_up(state);
        hand(HAND_WRITE, "pending/d.json", NULL, drop);
        if (!outlives)
            remove_file("pending/d.json");
        history_power_loss(history);
        fine();
        if (outlives)
            remove_file("pending/d.json");
        look_for(false, outlives ? "the drop pending/d.json is lost" : NULL);
    }
}

/* The power has left the name of a task that was handed out, without its
 * content: it is executing until its deadline, and then there is none. Nobody
 * may have been told by then that it was created. */
static void husk_after_power_loss(void **state)
{
    char aside[320];
    for (int is_told = 0; is_told < 2; is_told++) {
        set_up(state);
        start();
        struct operation *create = ask("POST", "/api/tasks/create",
            "{\"user_id\":42,\"action\":\"get_stats\",\"task_id\":\"t1\","
            "\"params\":{\"item_id\":\"t1\"}}");
        write_pending("t1", "get_stats");
        if (is_told)
            tell_created(create, "t1");
        hand_out("t1", "get_stats", "l1");
        if (!is_told)
            tell(create, 0, "");
        history_power_loss(history);
        const struct name entry = executing_as("t1", "get_stats", "l1", 0);
        write_file(entry.text, "");
        tell(ask_of("GET", "t1", ""), 200,
            "{\"task_id\":\"t1\",\"user_id\":42,\"action\":\"get_stats\","
            "\"status\":\"executing\",\"lease\":\"l1\",\"params\":null}");
        look_for(false, is_told ? "nothing explains" : NULL);
        if (is_told)
            continue;
        show("t1", "executing");
        snprintf(
            aside, sizeof aside, "rejected%s.why", strrchr(entry.text, '/'));
        write_file(aside, "it is no JSON");
        *strrchr(aside, '.') = '\0';
        move(entry.text, aside);
        look_for(false, NULL);
    }
}

/* Two names may come back with the power; they do not come later. */
static void two_names_after_power_loss(void **state)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        history_power_loss(history);
        if (is_late)
            fine();
        write_file(pending_as("t1", "get_stats", 1).text,
            task_text("t1", "get_stats").text);
        look_for(false, is_late ? "second entry" : NULL);
        look_for(false, is_late ? "second entry" : NULL);
    }
}

/* A poll that was struck may have taken any of a deep queue, and have given it
 * back: with the power that comes again. */
static void taken_and_given_back(void **state)
{
    char last[20] = "";
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        for (int i = 1; i <= 50; i++) {
            snprintf(last, sizeof last, "t%d", i);
            write_pending(last, "get_stats");
        }
        start();
        struct operation *poll = ask_poll();
        move(pending_as("t1", "get_stats", 0).text,
            executing_as("t1", "get_stats", "l1", 0).text);
        if (struck)
            history_struck(poll);
        tell_task(poll, "t1", "get_stats", "l1");
        fine();
        history_power_loss(history);
        move(pending_as(last, "get_stats", 0).text,
            executing_as(last, "get_stats", "0123456789abcdef0123", 0).text);
        look_for(false, struck ? NULL : "in the spool it is executing");
    }
}

/* A poll that slept longer than the lease of what it took. An execute waits for
 * less than other tasks do. */
static void a_poll_that_outlasts_an_execute(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    for (int i = 0; i < 2; i++) {
        set_up(state);
        start();
        struct operation *poll = ask_poll();
        kernel_pass((i == 0 ? 13 : 1) * second);
        write_timeout(id, "get_user_data");
        tell(poll, 200, "{\"task_id\":null}");
        look_for(false, i == 0 ? NULL : "in the spool it is failed timeout");
    }
}

/* Whoever may not read the task of a drop that a person has closed passes it
 * over. */
static void nothing_but_what_is_closed(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    for (int is_closed = 1; is_closed >= 0; is_closed--) {
        set_up(state);
        start();
        hand(HAND_WRITE, "pending/d.json", NULL, drop);
        if (is_closed) {
            hand(HAND_SPOIL, "pending/d.json", NULL, NULL);
            kernel_chmod("/root/spool/pending/d.json", 0);
        }
        move("pending/d.json", pending_as(id, "get_stats", 0).text);
        fine();
        tell(ask_poll(), 200, nothing);
        look_for(false, is_closed ? NULL : "nothing explains");
    }
}

/* Two tries that came with the power wait until a poll takes one. */
static void two_that_wait_after_power_loss(void **state)
{
    for (int is_lossy = 1; is_lossy >= 0; is_lossy--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        if (is_lossy)
            history_power_loss(history);
        write_file(pending_as("t1", "get_stats", 1).text,
            task_text("t1", "get_stats").text);
        look_for(true, is_lossy ? NULL : "second entry");
    }
}

/* A list may miss what is being renewed. */
static void missed_by_a_list(void **state)
{
    for (int renewed = 1; renewed >= 0; renewed--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *list = ask("GET", "/tasks", NULL);
        if (renewed)
            tell(ask("POST", "/plugin/tasks/t1/progress", "{}"), 200,
                "{\"status\":\"renewed\","
                "\"deadline\":\"2026-01-01T00:01:00.000000Z\"}");
        tell(list, 200, "{\"tasks\":[],\"next_cursor\":null}");
        look_for(false, renewed ? NULL : "nothing explains");
    }
}

/* Or tell of an entry that is left, where a network hides the record. */
static void entry_beside_a_hidden_record(void **state)
{
    static const char *const disks[] = {"nfs", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        write_success("t1", "get_stats");
        write_file(executing_as("t1", "get_stats", "l1", 0).text,
            task_text("t1", "get_stats").text);
        start();
        struct operation *list = ask("GET", "/tasks", NULL);
        history_struck(list);
        tell(list, 200,
            "{\"tasks\":[{\"task_id\":\"t1\",\"user_id\":42,"
            "\"status\":\"executing\"}],\"next_cursor\":null}");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* And what is handed out again, under the lease that it has. */
static void missed_beside_a_poll(void **state)
{
    static const char *const asked[] = {
        "/api/plugin/tasks?user_id=42&receive_id=l2",
        "/api/plugin/tasks?user_id=42&receive_id=l1"};
    static const char *const answers[] = {"{\"task_id\":null}",
        "{\"task_id\":\"t1\",\"action\":\"get_stats\",\"params\":"
        "{\"item_id\":\"t1\"},\"priority\":1,\"timeout\":60,"
        "\"lease\":\"l1\"}"};
    for (int again = 1; again >= 0; again--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *list = ask("GET", "/tasks", NULL);
        tell(ask("GET", asked[again], NULL), 200, answers[again]);
        tell(list, 200, "{\"tasks\":[],\"next_cursor\":null}");
        look_for(false, again ? NULL : "nothing explains");
    }
}

/* What an execute or a sync could not make safe is gone again, though it was
 * seen. */
static void undone(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    static const char *const paths[] = {"/plugin/execute", "/sync/vinted"};
    for (int i = 0; i < 4; i++) {
        set_up(state);
        start();
        struct operation *operation = ask("POST", paths[i % 2],
            "{\"user_id\":42,\"action\":\"GET_USER_DATA\",\"timeout\":2}");
        show(id, "pending");
        problem(operation, i < 2 ? 503 : 404, "unavailable");
        problem(ask_of("GET", id, ""), 404, "unknown_task");
        look_for(false, i < 2 ? NULL : "nothing explains");
    }
}

/* What is new may be taken for old debris where the clock has been set: a word
 * that is under way is then given once more, and a reason is gone before its
 * file has come. */
static void taken_for_old(void **state)
{
    for (int is_set = 1; is_set >= 0; is_set--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct operation *result = ask_result("t1", NULL, success);
        show("t1", "completed");
        tell(ask_of("POST", "t1", "/retry"), 200,
            "{\"task_id\":\"t1\",\"status\":\"pending\"}");
        if (is_set)
            history_clock(history);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        write_success("t1", "get_stats");
        tell(result, 200, received);
        look_for(false, is_set ? NULL : "in the spool it is completed");
        write_file("rejected/d.json", "{}");
        look_for(false, is_set ? NULL : "rejected without a reason");
    }
}

/* A task to which a person gives a later time meanwhile was not due yet. */
static void nothing_but_what_was_put_off(void **state)
{
    for (int is_put_off = 1; is_put_off >= 0; is_put_off--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct operation *poll = ask_poll();
        if (is_put_off)
            hand(HAND_MOVE, pending_as("t1", "get_stats", 0).text,
                "pending/42/998-20260101T000000.000001Z-get_stats-t1.json",
                NULL);
        tell(poll, 200, nothing);
        look_for(false, is_put_off ? NULL : "nothing explains");
    }
}

/* Where a record may be hidden for a moment, the entry beside it counts. */
static void record_out_of_sight(void **state)
{
    static const char *const disks[] = {"nfs", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        write_success("t1", "get_stats");
        start();
        struct operation *retry = ask_of("POST", "t1", "/retry");
        history_struck(retry);
        problem(retry, 409, "task_not_finished");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* And is handed out once more, of what may be repeated. */
static void hand_out_of_what_is_done(void **state)
{
    static const char *const disks[] = {"nfs", "ext4", "nfs"};
    static const char *const actions[] = {
        "get_stats", "get_stats", "create_product"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        set_up_on(disks[i]);
        write_success("t1", actions[i]);
        start();
        struct operation *poll = ask_poll();
        history_struck(poll);
        tell_task(poll, "t1", actions[i], "l1");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* What follows a sync's result comes again where that is taken in once more,
 * though it was lost sight of when a person removed it. */
static void removed_beside_a_word(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    static const char *const ids[] = {id, "t1"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending(ids[i], "get_stats");
        start();
        struct operation *result = ask_result(ids[i], NULL, failure);
        hand(HAND_REMOVE, pending_as(ids[i], "get_stats", 0).text, NULL, NULL);
        tell(result, 200, received);
        fine();
        write_pending(ids[i], "get_stats");
        look_for(false, i == 0 ? NULL : "in the spool it is pending");
    }
}

/* Two that take in results at one moment, where there are no locks. */
static void product_that_was_written_over(void **state)
{
    static const char *const disks[] = {"network-seconds", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        tell_of_product();
        look_for(false, i == 0 ? NULL : "product 7 is neither");
    }
}

/* Power loss has left the name of a try beside that of the next, which waits
 * because the first has failed: the sweep leaves both to who hands it out. */
static void failure_beside_two_names(void **state)
{
    for (int put_off = 1; put_off >= 0; put_off--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        history_power_loss(history);
        if (put_off)
            write_file(pending_as("t1", "get_stats", 1).text,
                task_text("t1", "get_stats").text);
        write_file("progress/42/t1.failure", "{\"error\":\"no tab\"}");
        look_for(true, put_off ? NULL : "the failure of a try that is over");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_of_0),
        TEST(create_beside_a_struck_poll),
        TEST(cancelled_beside_an_execute),
        TEST(nothing_after_the_clock_was_set),
        TEST(nothing_after_power_loss),
        TEST(key_of_another_content),
        TEST(drop_after_power_loss),
        TEST(husk_after_power_loss),
        TEST(two_names_after_power_loss),
        TEST(a_poll_that_outlasts_an_execute),
        TEST(taken_and_given_back),
        TEST(nothing_but_what_is_closed),
        TEST(two_that_wait_after_power_loss),
        TEST(missed_by_a_list),
        TEST(missed_beside_a_poll),
        TEST(entry_beside_a_hidden_record),
        TEST(taken_for_old),
        TEST(nothing_but_what_was_put_off),
        TEST(record_out_of_sight),
        TEST(hand_out_of_what_is_done),
        TEST(removed_beside_a_word),
        TEST(product_that_was_written_over),
        TEST(undone),
        TEST(failure_beside_two_names),
    };
    return cmocka_run_group_tests_name("excuses", tests, NULL, NULL);
}
