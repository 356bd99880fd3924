/* SPDX-License-Identifier: MIT */
#include "step_fixture.h"

#include "clock.h"
#include "fault.h"
#include "find.h"
#include "name_list.h"
#include "queue_fixture.h"
#include "remove_tree.h"
#include "sweep.h"
#include "verdict_step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    CALLS_MOST = 2000 /* of one step */
};

/* One way to have a step go wrong, as the test tells of it. */
struct trial {
    const struct fixture *fixture;
    const struct step *step;
    enum fault_call call;
    unsigned which;
    int number;
    bool late;
    enum error error; /* what the step answered */
};

static void tell(const struct trial *trial)
{
    print_error("%s: call %u of kind %d fails%s with errno %d, answer %d\n",
        trial->step->name, trial->which, (int)trial->call,
        trial->late ? " late" : "", trial->number, (int)trial->error);
}

static void complain(const struct trial *trial, const char *what)
{
    tell(trial);
    fail_msg("%s", what);
}

static void empty_spool(const struct fixture *fixture)
{
    for (int i = 0; i < SPOOL_DIRECTORIES; i++)
        remove_tree(fixture->spool.directory,
            spool_directory_name((enum spool_directory)i));
}

/* --- What must hold after each call -------------------------------------- */

struct count {
    const char *id;
    unsigned found;
};

static enum error count_pending(void *context, const char *name)
{
    struct count *count = context;
    struct task_name task;
    if (name_parse_queued(name, &task) == ERROR_NONE)
        count->found += strcmp(task.id, count->id) == 0;
    return ERROR_NONE;
}

static enum error count_executing(void *context, const char *name)
{
    struct count *count = context;
    struct lease_name lease;
    if (name_parse_executing(name, &lease) == ERROR_NONE)
        count->found += strcmp(lease.task.id, count->id) == 0;
    return ERROR_NONE;
}

static void expect_one(const struct trial *trial)
{
    const struct account *account = &trial->fixture->account;
    struct task_place place;
    struct count count = {"t", 0};
    spool_each_name(account->spool, account_folder(account, SPOOL_PENDING),
        count_pending, &count);
    spool_each_name(account->spool, account_folder(account, SPOOL_EXECUTING),
        count_executing, &count);
    bool done = find_done(account, "t", &place) == ERROR_NONE;
    if (!done && count.found > 1)
        complain(trial, "there are two of the task");
    if (!done && count.found == 0 && !trial->step->makes)
        complain(trial, "the task is lost");
}

static enum error strike(void *context, const char *name)
{
    const struct name_list *met = context;
    struct task_name task;
    return name_parse_queued(name, &task) != ERROR_NONE ||
                   task.created > clock_now() || name_list_holds(met, name)
               ? ERROR_NONE
               : ERROR_CONFLICT;
}

/* What lies in the folder is met by who goes through the queue. */
static void expect_true_index(const struct trial *trial)
{
    const struct account *account = &trial->fixture->account;
    struct name_list met = NAME_LIST_EMPTY;
    struct queue queue = fixture_queue(trial->fixture, false);
    for (const char *name = queue_next(&queue); name != NULL;
        name = queue_next(&queue))
        name_list_append(&met, name, strlen(name));
    queue_close(&queue);
    enum error error = spool_each_name(
        account->spool, account_folder(account, SPOOL_PENDING), strike, &met);
    name_list_free(&met);
    if (error == ERROR_CONFLICT)
        complain(trial, "the queue does not tell of all that waits");
}

/* --- The end -------------------------------------------------------------- */

static enum error remove_temporary(void *context, const char *name)
{
    const struct trial *trial = context;
    if (verdict_step_is_name(name))
        complain(trial, "a verdict is left");
    remove_tree(trial->fixture->spool.directory, path_in(SPOOL_TMP, name).text);
    return ERROR_NONE;
}

/* A note of past leases, or of the last failure, may be missing. */
static enum error remove_note(void *context, const char *name)
{
    const struct trial *trial = context;
    if (strstr(name, ".leases") != NULL || strstr(name, ".failure") != NULL)
        remove_tree(trial->fixture->spool.directory,
            path_in_user(SPOOL_PROGRESS, 42, name).text);
    return ERROR_NONE;
}

/* Has the sweeper remove debris, and removes what it leaves for a while. */
static void tidy_up(struct trial *trial)
{
    struct config config = fixture_config();
    struct sweep sweep = {
        .spool = &trial->fixture->spool, .config = &config, .until = INT64_MAX};
    assert_int_equal(sweep_run(&sweep), ERROR_NONE);
    buffer_free(&sweep.lines);
    spool_each_name(
        &trial->fixture->spool, path_of(SPOOL_TMP), remove_temporary, trial);
    spool_each_name(&trial->fixture->spool, path_of_user(SPOOL_PROGRESS, 42),
        remove_note, trial);
}

static void expect_an_end(const struct trial *trial, const char *const *ends)
{
    for (size_t i = 0; ends[i] != NULL; i++) {
        if (fixture_has_tree(trial->fixture, ends[i]))
            return;
    }
    tell(trial);
    fixture_expect_tree(trial->fixture, ends[0]);
}

/* As the sweeper does where it has outlived its maker. */
static enum error remove_hold(void *context, const char *name)
{
    const struct trial *trial = context;
    if (strstr(name, ".hold") != NULL)
        remove_tree(
            trial->fixture->spool.directory, path_in(SPOOL_TMP, name).text);
    return ERROR_NONE;
}

static enum error take_anew(struct trial *trial)
{
    spool_each_name(
        &trial->fixture->spool, path_of(SPOOL_TMP), remove_hold, trial);
    return trial->step->work(trial->fixture);
}

static void expect_end(struct trial *trial)
{
    enum error error = trial->error;
    if (error != ERROR_NONE)
        error = take_anew(trial);
    if (error != ERROR_NONE && (trial->step->again & 1U << error) == 0)
        complain(trial, "taken again it fails");
    tidy_up(trial);
    const char *const ends[] = {trial->step->end, trial->step->or_end, NULL};
    expect_an_end(trial, ends);
}

/* --- Each call failing ---------------------------------------------------- */

static void prepare(struct trial *trial)
{
    empty_spool(trial->fixture);
    trial->step->prepare(trial->fixture);
}

/* Takes the step while something is set to go wrong. False: nothing was left
 * to go wrong. */
static bool go(struct trial *trial)
{
    int before = fault_lowest_free();
    trial->error = trial->step->work(trial->fixture);
    bool has_come = fault_clear();
    if (fault_lowest_free() != before)
        complain(trial, "a descriptor is left open");
    expect_one(trial);
    expect_true_index(trial);
    return has_come;
}

static bool must_be_told(const struct trial *trial)
{
    return trial->call == FAULT_SYNC && !trial->step->neglects;
}

static bool fail_at(struct trial *trial)
{
    prepare(trial);
    struct buffer pool = fault_take_pool();
    if (trial->late)
        fault_set_late(trial->call, trial->which, trial->number);
    else
        fault_set(trial->call, trial->which, trial->number);
    bool has_come = go(trial);
    buffer_free(&pool);
    if (has_come && trial->error == ERROR_NONE && must_be_told(trial))
        complain(trial, "what is not safe was said to be");
    expect_end(trial);
    return has_come;
}

static void fail_at_each(struct trial trial)
{
    for (trial.which = 1; fail_at(&trial); trial.which++)
        assert_true(trial.which < CALLS_MOST);
}

void step_each_fault(const struct fixture *fixture, const struct step *step)
{
    static const int numbers[] = {EIO, EACCES, ESTALE, EINTR};
    struct trial trial = {.fixture = fixture, .step = step};
    print_message("# %s\n", step->name);
    for (int i = 0; i < FAULT_CALLS; i++) {
        trial.call = (enum fault_call)i;
        for (size_t k = 0; k < COUNT_OF(numbers); k++) {
            trial.number = trial.call == FAULT_MEMORY ? ENOMEM : numbers[k];
            /* Interrupted for ever, it would go on for ever. */
            if (trial.number != EINTR || trial.call != FAULT_ALL)
                fail_at_each(trial);
            if (trial.call == FAULT_MEMORY)
                break;
        }
    }
    trial.call = FAULT_NAMES;
    trial.late = true;
    for (int k = 0; k < 2; k++) {
        trial.number = k == 0 ? EIO : ENOENT;
        fail_at_each(trial);
    }
}

/* --- Another's turn ------------------------------------------------------- */

struct turn {
    const struct fixture *fixture;
    step_function *other;
};

static enum error take_turn(void *context)
{
    const struct turn *turn = context;
    turn->other(turn->fixture);
    return ERROR_NONE;
}

void step_each_turn(const struct fixture *fixture, const struct step *step,
    step_function *other, const char *const *ends)
{
    struct turn turn = {fixture, other};
    struct trial trial = {.fixture = fixture, .step = step, .call = FAULT_ALL};
    bool has_come = true;
    print_message("# %s\n", step->name);
    while (has_come) {
        trial.which++;
        assert_true(trial.which < CALLS_MOST);
        prepare(&trial);
        fault_meet(trial.call, trial.which, take_turn, &turn);
        has_come = go(&trial);
        if (!has_come) /* behind the last */
            other(fixture);
        tidy_up(&trial);
        expect_an_end(&trial, ends);
        if (step->check != NULL)
            step->check(fixture, trial.error);
    }
}

/* --- An index ------------------------------------------------------------- */

void step_lay_index(const struct fixture *fixture)
{
    struct queue_index index;
    struct timespec mark;
    struct name_list names = NAME_LIST_EMPTY;
    fixture_fill(fixture, 0, 3);
    for (int i = 0; i < 3; i++) {
        const char *name = fixture_filled(i);
        name_list_append(&names, name, strlen(name));
    }
    assert_int_equal(spool_make(&fixture->spool, SPOOL_INDEX), ERROR_NONE);
    assert_true(queue_index_mark(&fixture->account, &mark));
    queue_index_init(&index, &fixture->account);
    /* Believed by whoever polls next. */
    int64_t recheck = clock_now() + queue_index_believed;
    assert_int_equal(
        queue_index_build(&index, &names, mark, recheck), ERROR_NONE);
    queue_index_close(&index);
    name_list_free(&names);
}
