/* SPDX-License-Identifier: MIT */
#include "attempt_fixture.h"

#include "remove_tree.h"

#include <errno.h>
#include <string.h>

enum {
    CALLS_MOST = 3000 /* of one piece of work */
};

/* One way for it to go wrong. */
struct trial {
    const struct fixture *fixture;
    const struct attempt *attempt;
    enum fault_call call;
    unsigned which;
    int number; /* errno */
    bool late;
};

/* Another's turn, before the `which`-th call. */
struct turn {
    const struct fixture *fixture;
    void (*other)(const struct fixture *fixture);
    unsigned calls;
    unsigned which;
};

static void say(const struct trial *trial)
{
    print_message("# %s: call %u of kind %d, errno %d%s\n",
        trial->attempt->name, trial->which, (int)trial->call, trial->number,
        trial->late ? ", late" : "");
}

static void prepare(const struct trial *trial)
{
    for (int i = 0; i < SPOOL_DIRECTORIES; i++)
        remove_tree(trial->fixture->spool.directory,
            spool_directory_name((enum spool_directory)i));
    assert_int_equal(spool_prepare(&trial->fixture->spool), ERROR_NONE);
    trial->attempt->prepare(trial->fixture);
}

static enum error remove_hold(void *context, const char *name)
{
    const struct turn *turn = context;
    if (strstr(name, ".hold") != NULL)
        remove_tree(
            turn->fixture->spool.directory, path_in(SPOOL_TMP, name).text);
    return ERROR_NONE;
}

/* The sweeper removes what keeps an ID from the next. */
static void finish(const struct trial *trial)
{
    struct turn turn = {trial->fixture, NULL, 0, 0};
    spool_each_name(
        &trial->fixture->spool, path_of(SPOOL_TMP), remove_hold, &turn);
    enum error error = trial->attempt->work(trial->fixture);
    if (error != ERROR_NONE) {
        say(trial);
        fail_msg("done anew it answers: %s", error_text(error));
    }
    trial->attempt->finish(trial->fixture);
}

/* Whether what was answered can be right. A name that is gone for a moment is
 * for who comes next. */
static void expect_told(const struct trial *trial, enum error error)
{
    if (error != ERROR_NONE || trial->number == ENOENT)
        return;
    if (trial->call == FAULT_SYNC && trial->number != EINTR &&
        (trial->attempt->ways & ATTEMPT_SILENT) == 0) {
        say(trial);
        fail_msg("what is not safe was said to be");
    }
    if ((trial->attempt->ways & ATTEMPT_SILENT) == 0)
        trial->attempt->finish(trial->fixture);
}

static bool fails_at(const struct trial *trial)
{
    prepare(trial);
    int before = fault_lowest_free();
    struct buffer pool = fault_take_pool();
    if (trial->late)
        fault_set_late(trial->call, trial->which, trial->number);
    else
        fault_set(trial->call, trial->which, trial->number);
    enum error error = trial->attempt->work(trial->fixture);
    bool has_come = fault_clear();
    buffer_free(&pool);
    if (fault_lowest_free() != before) {
        say(trial);
        fail_msg("a descriptor is left open");
    }
    trial->attempt->check(trial->fixture, error);
    if (has_come)
        expect_told(trial, error);
    finish(trial);
    return has_come;
}

static void fails_at_each(struct trial trial)
{
    for (trial.which = 1; fails_at(&trial); trial.which++)
        assert_true(trial.which < CALLS_MOST);
}

void attempt_each_fault(
    const struct fixture *fixture, const struct attempt *attempt)
{
    static const int numbers[] = {EIO, EACCES, ENOENT, EINTR};
    print_message("# %s\n", attempt->name);
    fails_at_each(
        (struct trial){fixture, attempt, FAULT_MEMORY, 0, ENOMEM, false});
    for (int call = FAULT_MEMORY + 1; call <= FAULT_ALL; call++) {
        size_t count = sizeof numbers / sizeof numbers[0];
        if (call == FAULT_ALL)
            count = 1; /* it would be interrupted for ever */
        for (size_t i = 0; i < count; i++) {
            if (numbers[i] == ENOENT && (attempt->ways & ATTEMPT_TRUSTING) != 0)
                continue;
            fails_at_each((struct trial){
                fixture, attempt, (enum fault_call)call, 0, numbers[i], false});
        }
    }
    fails_at_each((struct trial){fixture, attempt, FAULT_NAMES, 0, EIO, true});
}

static void take_turn(void *context)
{
    struct turn *turn = context;
    if (++turn->calls == turn->which)
        turn->other(turn->fixture);
}

void attempt_each_turn(const struct fixture *fixture,
    const struct attempt *attempt, void (*other)(const struct fixture *))
{
    struct trial trial = {fixture, attempt, FAULT_ALL, 0, 0, false};
    struct turn turn = {fixture, other, 0, 0};
    print_message("# %s, and another\n", attempt->name);
    do {
        turn.calls = 0;
        turn.which = ++trial.which;
        assert_true(trial.which < CALLS_MOST);
        prepare(&trial);
        fault_set_meanwhile(FAULT_ALL, take_turn, &turn);
        enum error error = attempt->work(fixture);
        fault_set_meanwhile(FAULT_ALL, NULL, NULL);
        attempt->check(fixture, error);
        finish(&trial);
    } while (turn.calls >= turn.which);
}
