/* SPDX-License-Identifier: MIT */
/* What the checker says of dropped files that name a task: where they may lie,
 * and which of several becomes it. What must pass, and each rule once broken.
 */
#include "checker_stage.h"

static const char dropped[] = "{\"user_id\":42,\"action\":\"get_stats\","
                              "\"task_id\":\"t1\",\"params\":{}}";

/* Where a call fails that would make the task safe, its file goes back, with
 * the name that it had by then. */
static const char back[] =
    "pending/998-20251231T235900.000000Z-get_stats-t1.json";

static void give_back(void)
{
    struct operation *poll = ask_poll();
    move("pending/d.json", back);
    history_struck(poll);
    tell(poll, 200, "{\"task_id\":null}");
}

static void drop_goes_back(void **state)
{
    for (int is_struck = 0; is_struck < 2; is_struck++) {
        set_up(state);
        hand(HAND_WRITE, "pending/d.json", NULL, dropped);
        struct operation *poll = ask_poll();
        move("pending/d.json", back);
        if (is_struck)
            history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        if (!is_struck) {
            wrong("in the spool it is unknown");
            continue;
        }
        fine();
        move(back, pending_as("t1", "get_stats", 0).text);
        fine();
    }
}

/* No fsync has made it safe yet, and nobody misses the end of its line. */
static void drop_loses_its_last_byte(void **state)
{
    (void)state;
    char line[sizeof dropped + 1];
    snprintf(line, sizeof line, "%s\n", dropped);
    hand(HAND_WRITE, "pending/d.json", NULL, line);
    write_file("pending/d.json", dropped);
    fine();
    move("pending/d.json", pending_as("t1", "get_stats", 0).text);
    fine();
}

/* A part of it may have been rejected, which is not what lies there now. */
static void drop_of_two_parts_goes_back(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, "{\"user_id\":42,");
    hand(HAND_WRITE, "pending/d.json", NULL, dropped);
    give_back();
    fine();
    move(back, pending_as("t1", "get_stats", 0).text);
    fine();
}

static void drop_is_taken_where_it_went(void **state)
{
    for (int is_taken = 0; is_taken < 2; is_taken++) {
        set_up(state);
        hand(HAND_WRITE, "pending/d.json", NULL, dropped);
        give_back();
        fine();
        if (is_taken)
            hand(HAND_REMOVE, back, NULL, NULL);
        else
            remove_file(back);
        look_for(false, is_taken ? NULL : "in the spool it is unknown");
    }
}

/* What is shown meanwhile of one without an ID is gone with it. */
static void drop_is_shown_and_goes_back(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    for (int is_of_top = 1; is_of_top >= 0; is_of_top--) {
        const char *path = is_of_top ? "pending/d.json" : "pending/42/d.json";
        set_up(state);
        hand(HAND_WRITE, path, NULL,
            "{\"user_id\":42,\"action\":\"get_stats\"}");
        struct operation *poll = ask_poll();
        show(id, "pending");
        history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        problem(ask_of("GET", id, ""), 404, "unknown_task");
        look_for(false, is_of_top ? NULL : "nothing explains");
    }
}

/* And one that names no task, whose ID was drawn. */
static void drop_without_an_id_is_taken(void **state)
{
    static const char *const texts[] = {
        "{\"user_id\":42,\"action\":\"get_stats\"}",
        "{\"user_id\":42,\"action\":\"get_stats\",\"task_id\":\"t2\"}"};
    for (size_t i = 0; i < 2; i++) {
        set_up(state);
        hand(HAND_WRITE, "pending/d.json", NULL, texts[0]);
        struct operation *poll = ask_poll();
        move("pending/d.json", back);
        history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        fine();
        write_file(back, texts[i]);
        hand(HAND_REMOVE, back, NULL, NULL);
        look_for(false, i == 0 ? NULL : "the drop pending/d.json is lost");
    }
}

/* What was moved back from done/ is the task, by its name. */
static void drop_beside_one_moved_back(void **state)
{
    for (int is_moved = 0; is_moved < 2; is_moved++) {
        set_up(state);
        write_success("t1", "get_stats");
        start();
        hand(HAND_WRITE, "pending/d.json", NULL, dropped);
        if (is_moved)
            hand(HAND_MOVE, done_as("t1", "completed").text,
                "pending/42/t1.completed.json", NULL);
        else
            hand(HAND_REMOVE, done_as("t1", "completed").text, NULL, NULL);
        fine();
        move("pending/d.json", "rejected/d.json");
        write_file("rejected/d.json.why", "taken");
        look_for(false, is_moved ? NULL : "in the spool it is unknown");
    }
}

/* By a program that may write small files only; another takes what is the same.
 */
static void drop_after_one_refused(void **state)
{
    static const char *const reasons[] = {
        "This host lets no file become that large", "taken"};
    for (size_t i = 0; i < 2; i++) {
        set_up(state);
        hand(HAND_WRITE, "pending/d.json", NULL, dropped);
        move("pending/d.json", "rejected/d.json");
        write_file("rejected/d.json.why", reasons[i]);
        look_for(false, i == 0 ? NULL : "in the spool it is unknown");
        hand(HAND_WRITE, "pending/e.json", NULL, dropped);
        move("pending/e.json", pending_as("t1", "get_stats", 0).text);
        fine();
    }
}

/* Only what came to pending/ itself goes back there: of two that are alike,
 * that one. */
static void drop_goes_back_beside_its_like(void **state)
{
    static const char other[] = "pending/42/d.json";
    for (int is_of_top = 1; is_of_top >= 0; is_of_top--) {
        set_up(state);
        hand(HAND_WRITE, other, NULL, dropped);
        if (is_of_top)
            hand(HAND_WRITE, "pending/d.json", NULL, dropped);
        struct operation *poll = ask_poll();
        move(is_of_top ? "pending/d.json" : other, back);
        if (is_of_top)
            move(other, executing_as("t1", "get_stats", "l1", 0).text);
        history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        look_for(false, is_of_top ? NULL : "in the spool it is unknown");
    }
}

/* A drop whose task was ended while a person was at it comes again with the
 * power, on a disk that keeps no order. */
static void drop_of_a_crossed_task(void **state)
{
    static const char *const disks[] = {"posix", "ext4"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        set_up_on(disks[i]);
        write_success("t1", "get_stats");
        start();
        struct operation *cancel = ask_of("DELETE", "t1", "");
        hand(HAND_MOVE, done_as("t1", "completed").text,
            "pending/42/t1.completed.json", NULL);
        remove_file("pending/42/t1.completed.json");
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        tell(cancel, 200, "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
        fine();
        cancel = ask_of("DELETE", "t1", "");
        tell(cancel, 200, "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
        history_power_loss(history);
        write_success("t1", "get_stats");
        move(done_as("t1", "completed").text, "pending/42/t1.completed.json");
        look_for(false, i == 0 ? NULL : "a drop waits");
    }
}

/* Who takes in a drop of pending/ itself fsyncs that, unless it is killed. */
static void drop_of_a_killed_program(void **state)
{
    (void)state;
    struct name text = task_text("t1", "create_product");
    for (int killed = 1; killed >= 0; killed--) {
        set_up_on("posix");
        hand(HAND_WRITE, "pending/d.json", NULL, text.text);
        struct operation *poll = ask_poll();
        move("pending/d.json", pending_as("t1", "create_product", 0).text);
        tell(poll, killed ? 0 : 200, killed ? "" : "{\"task_id\":null}");
        hand_out("t1", "create_product", "l1");
        fine();
        history_power_loss(history);
        write_file("pending/d.json", text.text);
        look_for(false, killed ? NULL : "a drop waits");
    }
}

/* What a person has taken back was handed out again, and its end asked for: a
 * loss of power leaves it as it was dropped, and the mark, which it meets. */
static void mark_beside_a_drop(void **state)
{
    static const char mark[] = "progress/42/t1.cancel";
    for (int marked = 1; marked >= 0; marked--) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", "l1");
        struct name entry = executing_as("t1", "get_stats", "l1", 0);
        struct name taken = executing_as("t1", "get_stats", "l2", 1);
        struct name dropped_as;
        snprintf(dropped_as.text, sizeof dropped_as.text, "pending/%s",
            entry.text + strlen("executing/"));
        hand(HAND_MOVE, entry.text, dropped_as.text, NULL);
        fine();
        struct operation *poll = ask_poll();
        move(dropped_as.text, taken.text);
        tell_task(poll, "t1", "get_stats", "l2");
        write_file(mark, "");
        tell(ask_of("DELETE", "t1", ""), 202, "{\"task_id\":\"t1\"}");
        history_power_loss(history);
        move(taken.text, dropped_as.text);
        if (!marked)
            remove_file(mark);
        fine();
        remove_file(dropped_as.text);
        if (marked)
            remove_file(mark);
        write_record("t1", "get_stats", "failed", "\"declared\":\"cancelled\",",
            "\"cancelled\"", "null");
        look_for(false, marked ? NULL : "in the spool it is failed cancelled");
    }
}

/* A record that is moved back is rejected for a name that an interrupted
 * program has left, and that name goes. */
static void drop_that_meets_debris(void **state)
{
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        write_record("t1", "get_stats", "failed", "\"declared\":\"timeout\",",
            "\"no result came\"", "null");
        start();
        struct operation *poll = ask_poll();
        if (struck)
            history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        hand(HAND_MOVE, done_as("t1", "failed").text,
            "pending/42/t1.failed.json", NULL);
        move("pending/42/t1.failed.json", "rejected/t1.failed.json");
        write_file("rejected/t1.failed.json.why", "it exists");
        look_for(false, struck ? NULL : "in the spool it is unknown");
    }
}

#define ONE "0a0f0760-1188-4107-bbc5-ea79a3bc2d98"
#define OTHER "5b1c9f3e-7d55-4b0a-9a52-0f4f0f4a6c11"

enum coming {
    OF_A_USER,
    HANDED_OUT,
    CANCELLED,
    OF_TOP,
    OF_TOP_AND_KILLED,
    COMINGS
};

static void end_first(enum coming coming)
{
    if (coming == HANDED_OUT)
        hand_out(ONE, "other", "l1");
    if (coming != CANCELLED)
        return;
    struct operation *cancel = ask_of("DELETE", ONE, "");
    remove_file(pending_as(ONE, "other", 0).text);
    write_record(ONE, "other", "failed", "\"declared\":\"cancelled\",",
        "\"cancelled\"", "null");
    tell(cancel, 200, "{\"task_id\":\"" ONE "\",\"status\":\"cancelled\"}");
}

/* One of pending/USER, or of pending/ where its program was killed, may have
 * been a task that no plugin had and nobody cancelled. */
static void drop_comes_twice(void **state)
{
    static const char text[] = "{\"user_id\":42,\"action\":\"other\","
                               "\"params\":{\"item_id\":\"" ONE "\"}}";
    (void)state;
    for (enum coming i = 0; i < COMINGS; i++) {
        bool is_fine = i == OF_A_USER || i == OF_TOP_AND_KILLED;
        const char *path = i < OF_TOP ? "pending/42/d.json" : "pending/d.json";
        set_up_on("posix");
        hand(HAND_WRITE, path, NULL, text);
        if (i == OF_TOP_AND_KILLED)
            tell(ask_poll(), 0, "");
        move(path, pending_as(ONE, "other", 0).text);
        fine();
        end_first(i);
        history_power_loss(history);
        write_file(pending_as(OTHER, "other", 0).text, text);
        look_for(false, is_fine ? NULL : "has become 2 tasks");
        if (is_fine) {
            move(pending_as(OTHER, "other", 0).text,
                executing_as(OTHER, "other", "l2", 0).text);
            tell(ask_poll(), 200,
                "{\"task_id\":\"" OTHER "\",\"action\":\"other\","
                "\"params\":{\"item_id\":\"" ONE "\"},\"priority\":1,"
                "\"timeout\":60,\"lease\":\"l2\"}");
            fine();
        }
    }
}

/* The copy of a task keeps the mode that it has where a program that routes it
 * was kept from changing that. */
static void mode_that_stays(void **state)
{
    for (int struck = 1; struck >= 0; struck--) {
        set_up(state);
        struct name queued = pending_as("t1", "get_stats", 0);
        start();
        hand(HAND_WRITE, "pending/a.json", NULL,
            task_text("t1", "get_stats").text);
        if (struck)
            history_note_strike(history);
        move("pending/a.json", queued.text);
        char path[400];
        snprintf(path, sizeof path, "/root/spool/%s", queued.text);
        kernel_chmod(path, 0644);
        look_for(false, struck ? NULL : "mode 0644");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(drop_goes_back),
        TEST(drop_loses_its_last_byte),
        TEST(drop_of_two_parts_goes_back),
        TEST(drop_is_taken_where_it_went),
        TEST(drop_is_shown_and_goes_back),
        TEST(drop_without_an_id_is_taken),
        TEST(drop_beside_one_moved_back),
        TEST(drop_after_one_refused),
        TEST(drop_goes_back_beside_its_like),
        TEST(drop_of_a_crossed_task),
        TEST(drop_of_a_killed_program),
        TEST(mark_beside_a_drop),
        TEST(drop_that_meets_debris),
        TEST(drop_comes_twice),
        TEST(mode_that_stays),
    };
    return cmocka_run_group_tests_name("drops", tests, NULL, NULL);
}
