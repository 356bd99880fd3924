/* SPDX-License-Identifier: MIT */
/* What the tests of a loss of power have in common: each way in which it can
 * go is tried. */
#ifndef POWER_STAGE_H
#define POWER_STAGE_H

#include "kernel_stage.h"

enum {
    DRAWS_MAX = 64
};

static uint32_t drawn[DRAWS_MAX];
static uint32_t bounds[DRAWS_MAX];
static size_t draws;

/* What was said for this draw; beyond that 0. */
static inline uint32_t tell(void *context, uint32_t below)
{
    (void)context;
    assert_true(draws < DRAWS_MAX);
    bounds[draws] = below;
    assert_true(drawn[draws] < below);
    return drawn[draws++];
}

/* Goes on to the next way to draw; false: that were all. */
static inline bool next_draws(void)
{
    while (draws > 0) {
        draws--;
        if (++drawn[draws] < bounds[draws])
            return true;
        drawn[draws] = 0;
    }
    return false;
}

static const char *const *watched_names;
static char outcomes[64][128];
static size_t outcome_count;

static inline void note_outcome(void)
{
    char text[128] = "";
    for (const char *const *name = watched_names; *name != NULL; name++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s%s=%s",
            length == 0 ? "" : " ", *name, text_of(*name));
    }
    for (size_t i = 0; i < outcome_count; i++) {
        if (strcmp(outcomes[i], text) == 0)
            return;
    }
    assert_true(outcome_count < 64);
    snprintf(outcomes[outcome_count++], sizeof outcomes[0], "%s", text);
}

/* Loses the power in every way that there is, and notes what is then to be read
 * under `names`. */
static inline void lose_power(const char *const *names)
{
    kernel_process_end(me);
    kernel_process_use(NULL);
    struct image *image = kernel_save();
    watched_names = names;
    outcome_count = 0;
    memset(drawn, 0, sizeof drawn);
    do {
        kernel_restore(image);
        draws = 0;
        kernel_power_loss(tell, NULL);
        note_outcome();
    } while (next_draws());
    kernel_forget(image);
}

static inline bool can_be(const char *outcome)
{
    for (size_t i = 0; i < outcome_count; i++) {
        if (strcmp(outcomes[i], outcome) == 0)
            return true;
    }
    return false;
}

static inline void write_file(const char *name, const char *text, bool sync)
{
    int descriptor = open_here(name, new_only);
    write(descriptor, text, strlen(text));
    if (sync)
        assert_int_equal(fsync(descriptor), 0);
    close(descriptor);
}

static inline void sync_folder(const char *name)
{
    int descriptor = open_here(name, O_RDONLY | O_DIRECTORY);
    assert_int_equal(fsync(descriptor), 0);
    close(descriptor);
}

#endif
