/* SPDX-License-Identifier: MIT */
/* What the checker says of creates and of hand-outs: what must pass, and each
 * rule once broken. */
#include "checker_stage.h"

/* --- Creates -------------------------------------------------------------- */

static void create_stands(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    fine();
    show("t1", "pending");
    problem(ask_create("t1"), 409, "task_exists");
    fine();
}

static void create_is_lost(void **state)
{
    (void)state;
    tell_created(ask_create("t1"), "t1");
    wrong("in the spool it is unknown");
}

static void created_twice(void **state)
{
    (void)state;
    struct operation *one = ask_create("t1");
    struct operation *two = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(one, "t1");
    tell_created(two, "t1");
    wrong("nothing explains");
}

static void create_without_an_answer(void **state)
{
    (void)state;
    tell(ask_create("t1"), 0, "");
    struct operation *other = ask_create("t2");
    write_pending("t2", "create_product");
    tell(other, 0, "");
    fine();
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    show("t2", "pending");
    fine();
    /* Nor does it come later. */
    write_pending("t1", "create_product");
    wrong("in the spool it is pending");
}

/* One that named no ID was not safe in the end, and was seen before that. */
static void create_is_undone(void **state)
{
    static const char id[] = "69b361c0-d430-47f2-8e74-138e90267161";
    static const char list[] = "{\"tasks\":[{\"task_id\":"
                               "\"69b361c0-d430-47f2-8e74-138e90267161\","
                               "\"status\":\"pending\"}],"
                               "\"next_cursor\":null}";
    for (int i = 0; i < 2; i++) {
        set_up(state);
        struct operation *create = ask("POST", "/api/tasks/create",
            "{\"action\":\"get_stats\",\"params\":{}}");
        write_pending(id, "get_stats");
        tell(ask("GET", "/tasks", NULL), 200, list);
        remove_file(pending_as(id, "get_stats", 0).text);
        problem(create, i == 0 ? 503 : 422, "unavailable");
        look_for(false, i == 0 ? NULL : "in the spool it is unknown");
    }
}

static void known_and_then_unknown(void **state)
{
    (void)state;
    struct operation *create = ask_create("t1");
    write_pending("t1", "create_product");
    tell_created(create, "t1");
    problem(ask_of("GET", "t1", ""), 404, "unknown_task");
    wrong("404 unknown_task");
}

static void exists_before_it_is_made(void **state)
{
    (void)state;
    problem(ask_create("t1"), 409, "task_exists");
    wrong("409 task_exists");
}

static struct operation *ask_with_key(const char *key, const char *params)
{
    const struct request request = {.method = "POST",
        .path = "/tasks/create",
        .query = "action=get_stats",
        .key = key,
        .body = params,
        .length = strlen(params),
        .user = 42};
    return history_request(history, &request);
}

static struct operation *ask_by_key(const char *key)
{
    return ask_with_key(key, "{\"item_id\":\"k1\"}");
}

static void one_key_is_one_task(void **state)
{
    (void)state;
    struct operation *create = ask_by_key("a key");
    write_pending("k1", "get_stats");
    tell_created(create, "k1");
    tell_created(ask_by_key("a key"), "k1");
    fine();
    struct operation *again = ask_by_key("a key");
    write_file(pending_as("k2", "get_stats", 0).text,
        task_text("k1", "get_stats").text);
    tell_created(again, "k2");
    wrong("two tasks");
}

static const char drop_by_key[] =
    "{\"user_id\":42,\"task_id\":\"key-0123456789012345678901234567890123456789"
    "\",\"action\":\"create_product\",\"params\":{\"item_id\":\"d1\"}}";

/* A task that was made by an ID, as of a key, tells of no request; and so does
 * one of a dropped file. */
static void key_of_a_task_of_that_id(void **state)
{
    static const char id[] = "key-0123456789012345678901234567890123456789";
    for (int how = 0; how < 3; how++) {
        set_up(state);
        if (how == 2) {
            hand(HAND_WRITE, "pending/42/d.json", NULL, drop_by_key);
            move("pending/42/d.json", pending_as(id, "create_product", 0).text);
        } else {
            struct operation *create =
                how == 1 ? ask_create(id) : ask_by_key("a key");
            write_pending(id, how == 1 ? "create_product" : "get_stats");
            tell_created(create, id);
        }
        tell_created(ask_by_key("a key"), id);
        tell_created(ask_with_key("a key", "{\"item_id\":\"k2\"}"), id);
        look_for(false, how == 0 ? "two requests" : NULL);
    }
}

/* --- Hand-outs ------------------------------------------------------------ */

static void handed_out_once(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    tell(ask_poll(), 200, "{\"task_id\":null}");
    fine();
}

static void handed_out_twice(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    struct operation *other = ask_poll();
    hand_out("t1", "get_stats", "l1");
    tell_task(other, "t1", "get_stats", "l2");
    wrong("nothing explains");
}

/* Neither after its deadline, where it may not be repeated. */
static void handed_out_after_the_deadline(void **state)
{
    static const char *const actions[] = {"get_stats", "create_product"};
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", actions[i]);
        start();
        hand_out("t1", actions[i], "l1");
        fine();
        kernel_pass(100 * second);
        struct operation *poll = ask_poll();
        move(executing_as("t1", actions[i], "l1", 0).text,
            executing_as("t1", actions[i], "l2", 1).text);
        tell_task(poll, "t1", actions[i], "l2");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* A loss of power brings an entry back beside that of its last try, of which
 * either may be the one that is met. */
static void handed_out_and_lost(void **state)
{
    static const char *const leases[] = {"l1", "l2", "l3", "l4"};
    for (int is_last_first = 0; is_last_first < 2; is_last_first++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        hand_out("t1", "get_stats", leases[0]);
        for (int i = 1; i < 4; i++) {
            kernel_pass(100 * second);
            struct operation *poll = ask_poll();
            const char *next = i == 3 && is_last_first ? "l0" : leases[i];
            move(executing_as("t1", "get_stats", leases[i - 1], i - 1).text,
                executing_as("t1", "get_stats", next, i).text);
            tell_task(poll, "t1", "get_stats", next);
        }
        write_file(executing_as("t1", "get_stats", "l1", 0).text,
            task_text("t1", "get_stats").text);
        history_power_loss(history);
        fine();
        kernel_pass(100 * second);
        remove_file(executing_as("t1", "get_stats", "l1", 0).text);
        remove_file(
            executing_as("t1", "get_stats", is_last_first ? "l0" : "l4", 3)
                .text);
        write_timeout("t1", "get_stats");
        fine();
    }
}

static void handed_out_before_the_deadline(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    struct operation *poll = ask_poll();
    move(executing_as("t1", "get_stats", "l1", 0).text,
        executing_as("t1", "get_stats", "l2", 1).text);
    tell_task(poll, "t1", "get_stats", "l2");
    wrong("nothing explains");
}

static void handed_out_again_under_its_lease(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    struct operation *poll = ask("GET", "/plugin/tasks?receive_id=abcdefgh", 0);
    move(pending_as("t1", "create_product", 0).text,
        executing_as("t1", "create_product", "abcdefgh", 0).text);
    tell(poll, 0, "");
    tell_task(ask("GET", "/plugin/tasks?receive_id=abcdefgh", NULL), "t1",
        "create_product", "abcdefgh");
    fine();
    tell_task(ask("GET", "/plugin/tasks?receive_id=ijklmnop", NULL), "t1",
        "create_product", "ijklmnop");
    wrong("nothing explains");
}

static void handed_out_after_its_end(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    hand_out("t1", "create_product", "l1");
    struct operation *result = ask_result("t1", "l1", success);
    write_success("t1", "create_product");
    tell(result, 200, received);
    tell_task(ask_poll(), "t1", "create_product", "l2");
    wrong("nothing explains");
}

static void nothing_although_it_waits(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    start();
    tell(ask_poll(), 200, "{\"task_id\":null}");
    wrong("nothing explains");
}

static void a_lease_for_two(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_pending("t2", "get_stats");
    start();
    hand_out("t1", "get_stats", "l1");
    hand_out("t2", "get_stats", "l1");
    wrong("a lease that was given before");
}

static void paused(void **state)
{
    (void)state;
    write_pending("t1", "get_stats");
    write_file("pending/42/PAUSED", "");
    start();
    hand_out("t1", "get_stats", "l1");
    wrong("paused");
}

/* Killed after its rename, it is declared failed, and never comes again. */
static void a_killed_poll(void **state)
{
    (void)state;
    write_pending("t1", "create_product");
    start();
    struct operation *poll = ask_poll();
    move(pending_as("t1", "create_product", 0).text,
        executing_as("t1", "create_product", "l1", 0).text);
    tell(poll, 0, "");
    fine();
    kernel_pass(100 * second);
    remove_file(executing_as("t1", "create_product", "l1", 0).text);
    write_timeout("t1", "create_product");
    fine();
    remove_file(done_as("t1", "failed").text);
    write_pending("t1", "create_product");
    wrong("in the spool it is pending");
}

/* It has claimed, sleeps until the lease is over, and goes without the task. */
static void a_poll_that_sleeps(void **state)
{
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        struct operation *poll = ask_poll();
        kernel_pass((i == 0 ? 100 : 1) * second);
        remove_file(pending_as("t1", "create_product", 0).text);
        write_timeout("t1", "create_product");
        tell(poll, 200, "{\"task_id\":null}");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* --- Keys ------------------------------------------------------------------
 */

static void tell_keyed(const char *id, const char *params)
{
    struct request request = {.method = "POST",
        .path = "/tasks/create",
        .query = "action=get_stats",
        .key = "k",
        .body = params,
        .length = strlen(params),
        .user = 42};
    struct operation *create = history_request(history, &request);
    if (id == NULL)
        problem(create, 422, "idempotency_key_reused");
    else
        tell_created(create, id);
}

static void one_key_is_one_request(void **state)
{
    (void)state;
    write_pending("key-1", "get_stats");
    tell_keyed("key-1", "{\"item_id\":\"key-1\"}");
    tell_keyed(NULL, "{\"item_id\":2}");
    fine();
    tell_keyed("key-1", "{\"item_id\":2}");
    wrong("two requests");
}

static void a_key_that_is_new(void **state)
{
    (void)state;
    tell_keyed(NULL, "{\"item_id\":2}");
    wrong("no other request");
}

/* One that could not be given back to the queue. */
static void a_struck_poll(void **state)
{
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", "create_product");
        start();
        struct operation *poll = ask_poll();
        move(pending_as("t1", "create_product", 0).text,
            executing_as("t1", "create_product", "l1", 0).text);
        if (i == 0)
            history_struck(poll);
        tell(poll, 200, "{\"task_id\":null}");
        look_for(false, i == 0 ? NULL : "nothing explains");
    }
}

/* One that it could give back, and has taken once more: a loss of power may
 * leave what it took at first. */
static void a_struck_poll_before_power_loss(void **state)
{
    for (int i = 0; i < 2; i++) {
        set_up(state);
        write_pending("t1", "get_stats");
        start();
        struct operation *poll = ask_poll();
        move(pending_as("t1", "get_stats", 0).text,
            executing_as("t1", "get_stats", "l1", 0).text);
        if (i == 0)
            history_struck(poll);
        tell_task(poll, "t1", "get_stats", "l2");
        history_power_loss(history);
        look_for(false, i == 0 ? NULL : "in the spool it is executing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(create_stands),
        TEST(create_is_lost),
        TEST(created_twice),
        TEST(create_without_an_answer),
        TEST(create_is_undone),
        TEST(known_and_then_unknown),
        TEST(exists_before_it_is_made),
        TEST(one_key_is_one_task),
        TEST(key_of_a_task_of_that_id),
        TEST(handed_out_once),
        TEST(handed_out_twice),
        TEST(handed_out_after_the_deadline),
        TEST(handed_out_and_lost),
        TEST(handed_out_before_the_deadline),
        TEST(handed_out_again_under_its_lease),
        TEST(handed_out_after_its_end),
        TEST(nothing_although_it_waits),
        TEST(a_lease_for_two),
        TEST(paused),
        TEST(a_killed_poll),
        TEST(a_poll_that_sleeps),
        TEST(one_key_is_one_request),
        TEST(a_key_that_is_new),
        TEST(a_struck_poll),
        TEST(a_struck_poll_before_power_loss),
    };
    return cmocka_run_group_tests_name("handout", tests, NULL, NULL);
}
