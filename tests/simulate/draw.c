/* SPDX-License-Identifier: MIT */
#include "draw.h"

/* SplitMix64 (Steele, Lea, Flood, 2014): one addition and a mix for each
 * number, and any seed is as good as another. */
uint64_t draw_bits(struct draw *draw)
{
    uint64_t mixed = draw->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

struct draw draw_from(uint64_t seed, uint64_t stream)
{
    struct draw draw = {seed};
    draw.state = draw_bits(&draw) ^ (stream * UINT64_C(0xd1342543de82ef95));
    draw.state = draw_bits(&draw);
    return draw;
}

uint32_t draw_below(struct draw *draw, uint32_t below)
{
    return (uint32_t)(((draw_bits(draw) >> 32) * below) >> 32);
}

int64_t draw_range(struct draw *draw, int64_t from, int64_t to)
{
    uint64_t span = (uint64_t)(to - from) + 1;
    return from + (int64_t)(draw_bits(draw) % span);
}

bool draw_once_in(struct draw *draw, uint32_t times)
{
    return draw_below(draw, times) == 0;
}
