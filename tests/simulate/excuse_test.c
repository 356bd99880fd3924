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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_of_0),
        TEST(create_beside_a_struck_poll),
    };
    return cmocka_run_group_tests_name("excuses", tests, NULL, NULL);
}
