/* SPDX-License-Identifier: MIT */
/* Whether a target takes time in proportion to its input:
 *
 *   NAME SEED ROUNDS FAILURE FILE…
 *
 * takes, ROUNDS times, a piece of one of the files, drawn by lot, and repeats
 * it in its place, half of the time with a number of its own in each copy,
 * until the text has SHORT bytes, and then FACTOR times as many. The second
 * must take no more than GROWTH_MAX times the steps of the first, or
 * DOUBLED_MAX times those of half its bytes: the blocks of code in lib/ that
 * are entered, and the bytes that the C library goes through for them
 * (counted.h). No clock has a part in it, so a seed says the same on every
 * machine. The text that took too many steps lands in the file FAILURE.
 */
#include "steps.h"

#include "file.h"
#include "fuzz.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHORT = 7000, /* bytes; FACTOR times that is not too large anywhere */
    FACTOR = 8,
    GROWTH_MAX = 11, /* more than FACTOR, since sorting is allowed */
    DOUBLED_MAX = 3, /* where the short text was refused before its end */
    FEW = 400000,    /* steps that no text needs to justify */
    PIECE_MAX = 80   /* bytes of what is repeated */
};

struct draw {
    uint64_t state;
};

/* Marsaglia's xorshift: a number below `limit`. */
static size_t draw(struct draw *draw, size_t limit)
{
    draw->state ^= draw->state << 13;
    draw->state ^= draw->state >> 7;
    draw->state ^= draw->state << 17;
    return (size_t)(draw->state % limit);
}

/* What is repeated of a text: its bytes from `start` on. At `number` in it, if
 * that is not behind them, each copy has a number of its own. */
struct plan {
    const struct buffer *text;
    size_t start;
    size_t length;
    size_t number;
};

static void append_copy(struct buffer *out, const struct plan *plan, int count)
{
    const char *piece = plan->text->data + plan->start;
    if (plan->number >= plan->length) {
        buffer_append(out, piece, plan->length);
        return;
    }
    buffer_append(out, piece, plan->number);
    buffer_append_integer(out, count);
    buffer_append(out, piece + plan->number, plan->length - plan->number);
}

static void compose(struct buffer *out, const struct plan *plan, size_t size)
{
    const char *text = plan->text->data;
    size_t end = plan->start + plan->length;
    buffer_clear(out);
    buffer_append(out, text, plan->start);
    for (int count = 0; out->length < size; count++)
        append_copy(out, plan, count);
    buffer_append(out, text + end, plan->text->length - end);
}

/* From memory of its very length, behind which nothing may be read. */
static uint64_t count_steps(const struct buffer *input)
{
    char *copy = malloc(input->length + 1);
    fuzz_require(copy != NULL);
    memcpy(copy, buffer_text(input), input->length);
    uint64_t before = steps_taken;
    fuzz_one(copy, input->length);
    free(copy);
    return steps_taken - before;
}

static uint64_t count_of_size(
    const struct plan *plan, struct buffer *input, size_t size)
{
    compose(input, plan, size);
    return count_steps(input);
}

static bool grows_too_fast(const struct plan *plan, struct buffer *input)
{
    static const size_t size = (size_t)SHORT * FACTOR;
    uint64_t few = count_of_size(plan, input, SHORT);
    uint64_t many = count_of_size(plan, input, size);
    if (many <= FEW || many <= few * GROWTH_MAX)
        return false;
    uint64_t half = count_of_size(plan, input, size / 2);
    compose(input, plan, size);
    if (many <= half * DOUBLED_MAX)
        return false;
    fprintf(stderr,
        "%" PRIu64 " steps for %d bytes, %" PRIu64 " for %d times as many: "
        "\"%.*s\" repeated\n",
        few, SHORT, many, FACTOR, (int)plan->length,
        plan->text->data + plan->start);
    return true;
}

static struct plan draw_plan(
    struct draw *by_lot, const struct buffer *texts, size_t count)
{
    struct plan plan = {.text = &texts[draw(by_lot, count)]};
    plan.start = draw(by_lot, plan.text->length);
    size_t most = plan.text->length - plan.start;
    plan.length = 1 + draw(by_lot, most < PIECE_MAX ? most : PIECE_MAX);
    plan.number = draw(by_lot, 2 * plan.length);
    return plan;
}

/* Reads those that are not empty; how many these are. */
static size_t read_texts(char *const *names, struct buffer *texts)
{
    size_t count = 0;
    for (; *names != NULL; names++) {
        struct buffer text = BUFFER_EMPTY;
        if (file_read(AT_FDCWD, *names, file_no_limit, &text, NULL) ==
                ERROR_NONE &&
            text.length > 0)
            texts[count++] = text;
        else
            buffer_free(&text);
    }
    return count;
}

static int try_all(struct draw *by_lot, unsigned long rounds,
    const char *failure, const struct buffer *texts, size_t count)
{
    struct buffer input = BUFFER_EMPTY;
    int status = 0;
    for (unsigned long i = 0; i < rounds && status == 0 && count > 0; i++) {
        struct plan plan = draw_plan(by_lot, texts, count);
        if (!grows_too_fast(&plan, &input))
            continue;
        status = 1;
        file_remove(AT_FDCWD, failure);
        file_create_hint(AT_FDCWD, failure, input.data, input.length);
    }
    buffer_free(&input);
    return status;
}

int main(int count, char **words)
{
    if (count < 5) {
        fputs("usage: NAME SEED ROUNDS FAILURE FILE...\n", stderr);
        return 100;
    }
    struct buffer *texts = calloc((size_t)count, sizeof *texts);
    if (texts == NULL)
        return 1;
    /* A state of zero would stay zero. */
    struct draw by_lot = {(strtoull(words[1], NULL, 10) * 2) + 1};
    size_t found = read_texts(words + 4, texts);
    int status =
        try_all(&by_lot, strtoul(words[2], NULL, 10), words[3], texts, found);
    for (size_t i = 0; i < found; i++)
        buffer_free(&texts[i]);
    free(texts);
    return status;
}
