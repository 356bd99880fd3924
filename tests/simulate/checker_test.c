/* SPDX-License-Identifier: MIT */
/* What the checker says of a tree, of persons and of a loss of power: what must
 * pass, and each rule once broken. */
#include "checker_stage.h"

/* --- Trees ---------------------------------------------------------------- */

static void sound_tree(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file(executing_as("t2", "other", "abc", 2).text,
        task_text("t2", "other").text);
    write_success("t3", "get_stats");
    write_file("rejected/x.json", "{");
    write_file("rejected/x.json.why", "no JSON");
    write_file("products/42.ndjson",
        "{\"id\":1}\n{\"id\":5,\"status\":\"gone\","
        "\"missing_since\":\"2026-01-01T00:00:02.000000Z\","
        "\"as_of\":{\"status\":\"2026-01-01T00:00:03.000000Z\"}}\n");
    start();
    fine();
}

static void two_names(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file(pending_as("t1", "get_stats", 1).text,
        task_text("t1", "get_stats").text);
    start();
    wrong("second entry");
}

static void debris(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_success("t1", "get_stats");
    write_file("tmp/20260101T000000.1.1", "{");
    write_file("progress/42/t9.json", "{}");
    start();
    fine();
    look_for(true, "outlived by");
    look_for(true, "left in tmp/");
    look_for(true, "not executing");
}

static void files_that_break_rules(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"executing/42/x.json", "{}", "no name of executing/"},
        {"done/42/t1.completed.json", "{", "no JSON object"},
        {"done/42/t1.completed.json", "{}", "record lacks"},
        {"rejected/a", "x", "without a reason"},
        {"pending/42/998-20251231T235900.000000Z-get_stats-t1.json",
            "{\"task_id\":\"t2\"}", "task_id inside"},
        {"products/42.ndjson", "{\"id\":5}\n{\"id\":1}\n", "out of order"},
        {"products/42.ndjson", "{\"id\":5}\n{\"id\"", "torn"},
        {"products/42.ndjson", "{\"id\":5,\"status\":\"gone\"}\n",
            "gone too early"},
        {"products/42.ndjson",
            "{\"id\":5,\"status\":\"gone\","
            "\"missing_since\":\"2026-01-01T00:00:02.000000Z\","
            "\"as_of\":{\"status\":\"2026-01-01T00:00:02.000000Z\"}}\n",
            "gone too early"},
        {"products/43.since.ndjson",
            "{\"id\":1,\"seen_at\":\"2026-01-01T00:00:01.000000Z\"}\n",
            "older than what it stands for"},
        {"stray", "", "no such place"},
        {"ingest/42/x", "{}", "no name of ingest/"},
        {"unknown/42/x", "{}", "no name of unknown/"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up(state);
        write_file("products/43.ndjson",
            "{\"id\":1,\"seen_at\":\"2026-01-01T00:00:02.000000Z\"}\n");
        write_file(rows[i].name, rows[i].text);
        start();
        wrong(rows[i].want);
    }
}

static void wrong_modes(void **state)
{
    (void)state;
    write_success("t1", "get_stats");
    kernel_chmod("/root/spool/done/42/t1.completed.json", 0644);
    start();
    wrong("mode 0644");
}

/* --- Persons -------------------------------------------------------------- */

static void removed_by_hand(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand(HAND_REMOVE, pending_as("t1", "get_stats", 0).text, NULL, NULL);
    fine();
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    fine();
}

static void retried_by_hand(void **state)
{
    (void)state;
    finish(success, "completed");
    fine();
    hand(HAND_MOVE, done_as("t1", "completed").text,
        "pending/42/t1.completed.json", NULL);
    fine();
    move("pending/42/t1.completed.json",
        pending_as("t1", "create_product", 0).text);
    fine();
    hand_out("t1", "create_product", "l2");
    fine();
}

static const char drop[] =
    "{\"user_id\":42,\"action\":\"get_stats\",\"params\":{\"item_id\":\"d1\"}}";

static void dropped(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    fine();
    move("pending/d.json",
        pending_as("0a0f0760-1188-4107-bbc5-ea79a3bc2d98", "get_stats", 0)
            .text);
    fine();
}

static void drop_is_lost(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    remove_file("pending/d.json");
    wrong("the drop pending/d.json is lost");
}

static void drop_is_doubled(void **state)
{
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    write_file(pending_as("d1", "get_stats", 0).text, drop);
    write_file(pending_as("d2", "get_stats", 0).text, drop);
    remove_file("pending/d.json");
    wrong("has become 2 tasks");
}

static void drop_of_a_taken_id(void **state)
{
    static const char text[] = "{\"user_id\":42,\"action\":\"get_stats\","
                               "\"task_id\":\"t1\",\"params\":{}}";
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand(HAND_WRITE, "pending/d.json", NULL, text);
    move("pending/d.json", "rejected/d.json");
    write_file("rejected/d.json.why", "taken");
    fine();
    remove_file(pending_as("t1", "create_product", 0).text);
    wrong("in the spool it is unknown");
}

/* --- Loss of power -------------------------------------------------------- */

static void acknowledged_survives(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    history_power_loss(history);
    fine();
    set_up(state);
    create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    remove_file(pending_as("t1", "create_product", 0).text);
    history_power_loss(history);
    wrong("in the spool it is unknown");
}

static void unanswered_may_go(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    show("t1", "pending");
    tell(create, 0, "");
    remove_file(pending_as("t1", "create_product", 0).text);
    history_power_loss(history);
    fine();
}

static void carry_out(const char *action)
{
    hand_out("t1", action, "l1");
    struct operation *result = ask_result("t1", "l1", failure);
    remove_file(executing_as("t1", action, "l1", 0).text);
    write_record("t1", action, "failed", "", "\"it broke\"", "null");
    tell(result, 200, received);
}

struct drop_row {
    const char *profile;
    const char *path;
    bool is_taken; /* there is such a task already */
    const char *want;
};

/* What is not fsynced may come back, on a disk that keeps no order. */
static void drop_comes_back(void **state)
{
    static const char text[] =
        "{\"user_id\":42,\"action\":\"get_stats\","
        "\"task_id\":\"t1\",\"params\":{\"item_id\":\"t1\"}}";
    static const struct drop_row rows[] = {
        {"posix", "pending/42/d.json", false, NULL},
        {"ext4", "pending/42/d.json", false, "a drop waits"},
        {"posix", "pending/d.json", false, "a drop waits"},
        {"posix", "pending/d.json", true, NULL},
        {"ext4", "pending/d.json", true, "a drop waits"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set_up_on(rows[i].profile);
        if (rows[i].is_taken)
            write_pending("t1", "get_stats");
        start();
        hand(HAND_WRITE, rows[i].path, NULL, text);
        move(rows[i].path, rows[i].is_taken
                               ? "rejected/d.json"
                               : pending_as("t1", "get_stats", 0).text);
        if (rows[i].is_taken)
            write_file("rejected/d.json.why", "taken");
        fine();
        carry_out("get_stats");
        history_power_loss(history);
        write_file(rows[i].path, text);
        look_for(false, rows[i].want);
    }
}

/* What lies beneath a record that a person removes. */
static void withdrawn_once_more(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    history_power_loss(history);
    struct operation *cancel = ask_of("DELETE", "t1", "");
    remove_file(pending_as("t1", "create_product", 0).text);
    write_record("t1", "create_product", "failed",
        "\"declared\":\"cancelled\",", "\"cancelled\"", "null");
    tell(cancel, 200, "{\"task_id\":\"t1\",\"status\":\"cancelled\"}");
    hand(HAND_REMOVE, done_as("t1", "failed").text, NULL, NULL);
    write_record("t1", "create_product", "failed",
        "\"declared\":\"cancelled\",", "\"cancelled\"", "null");
    fine();
}

/* Of two under one receive_id power loss may have brought one back, which was
 * given back. */
static void one_lease_of_two(void **state)
{
    (void)state;
    for (int is_lost = 0; is_lost < 2; is_lost++) {
        set_up_on("posix");
        write_pending("t1", "get_stats");
        write_pending("t2", "get_stats");
        start();
        struct operation *poll = ask(
            "GET", "/api/plugin/tasks?user_id=42&receive_id=receive1", NULL);
        move(pending_as("t1", "get_stats", 0).text,
            executing_as("t1", "get_stats", "receive1", 0).text);
        tell_task(poll, "t1", "get_stats", "receive1");
        if (is_lost)
            history_power_loss(history);
        move(pending_as("t2", "get_stats", 0).text,
            executing_as("t2", "get_stats", "receive1", 0).text);
        tell_task(ask("GET", "/api/plugin/tasks?user_id=42&receive_id=receive1",
                      NULL),
            "t2", "get_stats", "receive1");
        look_for(false, is_lost ? NULL : "one lease with");
    }
}

/* Of a task that has both names of its hand-out the other one stays. */
static void other_name_shows(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    history_power_loss(history);
    fine();
    hand(
        HAND_REMOVE, executing_as("t1", "get_stats", "l1", 0).text, NULL, NULL);
    write_pending("t1", "get_stats");
    fine();
}

/* A claim that may be repeated is forgotten, any other stays. */
static void claims(void **state)
{
    static const char *const actions[] = {"get_stats", "create_product"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", actions[i]);
        start();
        hand_out("t1", actions[i], "l1");
        move(executing_as("t1", actions[i], "l1", 0).text,
            pending_as("t1", actions[i], 0).text);
        history_power_loss(history);
        look_for(false, i == 0 ? NULL : "in the spool it is pending");
    }
}

static void notes_that_are_left(void **state)
{
    static const char key[] =
        "keys/42/key-0123456789012345678901234567890123456789";
    (void)state;
    folder("/keys");
    folder("/keys/42");
    write_file(pending_as("t1", "get_stats", 1).text,
        task_text("t1", "get_stats").text);
    write_file("progress/42/998-20251231T235900.000000Z-get_stats-t1.r1.leases",
        "l1\n");
    write_file(key, "t1\n");
    start();
    look_for(true, NULL);
    move(pending_as("t1", "get_stats", 1).text,
        pending_as("t1", "get_stats", 2).text);
    write_file(key, "t2\n");
    start();
    look_for(true, "leases of a try that is over");
    look_for(true, "of a task that is gone");
}

/* A person takes it out of the queue, and it is handed out all the same. */
static void taken_by_hand(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand(HAND_REMOVE, pending_as("t1", "get_stats", 0).text, NULL, NULL);
    tell_task(ask_poll(), "t1", "get_stats", "l1");
    wrong("nothing explains");
}

static void taken_back(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    hand(HAND_MOVE, executing_as("t1", "create_product", "l1", 0).text,
        "pending/42/back.json", NULL);
    fine();
    move("pending/42/back.json", pending_as("t1", "create_product", 1).text);
    fine();
    struct operation *poll = ask_poll();
    move(pending_as("t1", "create_product", 1).text,
        executing_as("t1", "create_product", "l2", 1).text);
    tell_task(poll, "t1", "create_product", "l2");
    fine();
}

/* A drop that another replaces before anybody has met it. */
static void dropped_over(void **state)
{
    static const char other[] = "{\"user_id\":42,\"action\":\"get_stats\","
                                "\"task_id\":\"t1\",\"params\":{}}";
    (void)state;
    hand(HAND_WRITE, "pending/d.json", NULL, other);
    hand(HAND_WRITE, "pending/d.json", NULL, drop);
    fine();
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    fine();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sound_tree),
        TEST(two_names),
        TEST(debris),
        TEST(files_that_break_rules),
        TEST(wrong_modes),
        TEST(removed_by_hand),
        TEST(retried_by_hand),
        TEST(dropped),
        TEST(drop_is_lost),
        TEST(drop_is_doubled),
        TEST(drop_of_a_taken_id),
        TEST(acknowledged_survives),
        TEST(unanswered_may_go),
        TEST(drop_comes_back),
        TEST(one_lease_of_two),
        TEST(withdrawn_once_more),
        TEST(other_name_shows),
        TEST(claims),
        TEST(notes_that_are_left),
        TEST(taken_by_hand),
        TEST(taken_back),
        TEST(dropped_over),
    };
    return cmocka_run_group_tests_name("checker", tests, NULL, NULL);
}
