/* SPDX-License-Identifier: MIT */
#include "configs.h"

#include "value.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONFIGS_MAX = 3000,
    SLOTS = 8192 /* a power of two, well above */
};

struct configs *configs_new(void)
{
    struct configs *configs = calloc(1, sizeof *configs);
    if (configs == NULL)
        abort();
    configs->room = CONFIGS_MAX;
    configs->at = calloc(CONFIGS_MAX, sizeof *configs->at);
    configs->taken = calloc(CONFIGS_MAX, sizeof *configs->taken);
    configs->index = calloc(SLOTS, sizeof *configs->index);
    if (configs->at == NULL || configs->taken == NULL || configs->index == NULL)
        abort();
    return configs;
}

static size_t slot_of(const struct config *config)
{
    uint64_t words[sizeof *config / sizeof(uint64_t)];
    uint64_t digest = 0;
    memcpy(words, config, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        digest = (digest ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(digest >> 40) % SLOTS;
}

/* Where it is, or where it would go. */
static size_t find(const struct configs *configs, const struct config *config)
{
    size_t slot = slot_of(config);
    while (configs->index[slot] != 0 &&
           memcmp(&configs->at[configs->index[slot] - 1], config,
               sizeof *config) != 0)
        slot = (slot + 1) % SLOTS;
    return slot;
}

/* Takes the entries out one by one, since most sets are small. */
void configs_clear(struct configs *configs)
{
    for (size_t i = 0; i < configs->count; i++)
        configs->index[configs->taken[i]] = 0;
    configs->count = 0;
    configs->overflown = false;
}

bool configs_add(struct configs *configs, const struct config *config)
{
    size_t slot = find(configs, config);
    if (configs->index[slot] != 0)
        return false;
    if (configs->count == configs->room) {
        configs->overflown = true;
        return false;
    }
    configs->taken[configs->count] = (uint32_t)slot;
    configs->at[configs->count++] = *config;
    configs->index[slot] = (uint32_t)configs->count;
    return true;
}

void configs_copy(struct configs *to, const struct configs *from)
{
    configs_clear(to);
    for (size_t i = 0; i < from->count; i++)
        to->index[from->taken[i]] = (uint32_t)i + 1;
    memcpy(to->at, from->at, from->count * sizeof *to->at);
    memcpy(to->taken, from->taken, from->count * sizeof *to->taken);
    to->count = from->count;
    to->overflown = from->overflown;
}
