/* SPDX-License-Identifier: MIT */
#include "buffer.h"
#include "unit.h"

#include <string.h>

/* Large enough that no machine has it, found out before malloc(3) is asked. */
static const size_t impossible = SIZE_MAX - 4096;

/* Every buffer ends with a NUL byte inside of its capacity. */
static void expect_bytes(
    const struct buffer *buffer, const char *want, size_t length)
{
    if (buffer->length != length ||
        memcmp(buffer_text(buffer), want, length) != 0)
        fail_msg("have '%s' (%zu bytes), want '%s' (%zu bytes)",
            buffer_text(buffer), buffer->length, want, length);
    assert_int_equal(buffer_text(buffer)[length], '\0');
    if (buffer->data != NULL)
        assert_true(buffer->length < buffer->capacity);
}

static void test_empty(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    expect_bytes(&buffer, "", 0);
    assert_null(buffer.data);
    buffer_clear(&buffer);
    expect_bytes(&buffer, "", 0);
    buffer_append(&buffer, NULL, 0);
    expect_bytes(&buffer, "", 0);
    buffer_append_text(&buffer, "");
    expect_bytes(&buffer, "", 0);
    buffer_free(&buffer);
    assert_null(buffer.data);
    buffer_free(&buffer); /* harmless */
}

static void test_appends(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_append(&buffer, "a\0b", 3);
    buffer_append_text(&buffer, "cd");
    buffer_append_byte(&buffer, '\0');
    buffer_append_format(&buffer, "<%d|%s>", -7, "x");
    expect_bytes(&buffer, "a\0bcd\0<-7|x>", 12);
    assert_false(buffer.failed);
    buffer_free(&buffer);
}

/* Around every size at which memory is asked for anew. */
static void test_grows(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    for (size_t i = 0; i < 5000; i++) {
        buffer_append_byte(&buffer, (char)('a' + (i % 26)));
        assert_int_equal(buffer.length, i + 1);
        assert_true(buffer.capacity > buffer.length);
        assert_int_equal(buffer.data[i + 1], '\0');
    }
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(buffer.data[i], 'a' + (i % 26));
    buffer_free(&buffer);
}

static void test_formats_of_every_length(void **state)
{
    (void)state;
    char want[600];
    memset(want, ' ', sizeof want);
    for (int width = 1; width < 600; width++) {
        struct buffer buffer = BUFFER_EMPTY;
        buffer_append_format(&buffer, "%*s", width, "");
        expect_bytes(&buffer, want, (size_t)width);
        buffer_free(&buffer);
    }
}

static void test_reserve_first(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    assert_non_null(buffer_reserve(&buffer, 10));
    expect_bytes(&buffer, "", 0);
    buffer_free(&buffer);
}

static void test_reserve(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_append_text(&buffer, "ab");
    char *place = buffer_reserve(&buffer, 1000);
    assert_ptr_equal(place, buffer.data + 2);
    assert_int_equal(buffer.length, 2);
    assert_true(buffer.capacity >= 1003); /* and the NUL byte */
    memset(place, 'x', 1001);
    const char *before = buffer.data;
    buffer_append(&buffer, "cd", 2);
    assert_ptr_equal(buffer.data, before);
    expect_bytes(&buffer, "abcd", 4);
    buffer_free(&buffer);
}

/* `most` is so much that the length alone shows it cannot be. */
static void expect_failure(size_t most)
{
    struct buffer buffer = BUFFER_EMPTY;
    buffer_append_text(&buffer, "kept");
    assert_null(buffer_reserve(&buffer, most));
    assert_true(buffer.failed);
    expect_bytes(&buffer, "kept", 4);
    buffer_append(&buffer, "x", 1);
    buffer_append_text(&buffer, "x");
    buffer_append_byte(&buffer, 'x');
    buffer_append_format(&buffer, "%d", 1);
    assert_null(buffer_reserve(&buffer, 1));
    expect_bytes(&buffer, "kept", 4);
    assert_true(buffer.failed);
    buffer_clear(&buffer);
    assert_false(buffer.failed);
    buffer_append_text(&buffer, "anew");
    expect_bytes(&buffer, "anew", 4);
    buffer_free(&buffer);
}

static void test_failure_is_remembered(void **state)
{
    (void)state;
    expect_failure(SIZE_MAX);
    expect_failure(SIZE_MAX - 1);
    expect_failure(SIZE_MAX - 4);
    expect_failure(SIZE_MAX - 5);
    expect_failure(impossible);
    expect_failure(SIZE_MAX / 2 + 1);
}

static void test_clear_keeps_the_memory(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_append_text(&buffer, "something");
    const char *data = buffer.data;
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    expect_bytes(&buffer, "", 0);
    assert_ptr_equal(buffer.data, data);
    assert_int_equal(buffer.capacity, capacity);
    buffer_free(&buffer);
    assert_int_equal(buffer.capacity, 0);
}

static void test_integers(void **state)
{
    (void)state;
    static const char text[] = "0 7 -7 10 201 9223372036854775807 "
                               "-9223372036854775808 ";
    static const int64_t numbers[] = {0, 7, -7, 10, 201, INT64_MAX, INT64_MIN};
    struct buffer buffer = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        buffer_append_integer(&buffer, numbers[i]);
        buffer_append_byte(&buffer, ' ');
    }
    expect_bytes(&buffer, text, sizeof text - 1);
    buffer_free(&buffer);
}

static void test_free_forgets_a_failure(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    buffer_reserve(&buffer, impossible);
    assert_true(buffer.failed);
    buffer_free(&buffer);
    buffer_append_text(&buffer, "anew");
    expect_bytes(&buffer, "anew", 4);
    buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_formats_of_every_length),
        cmocka_unit_test(test_reserve_first),
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_failure_is_remembered),
        cmocka_unit_test(test_clear_keeps_the_memory),
        cmocka_unit_test(test_free_forgets_a_failure),
        cmocka_unit_test(test_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
