/* SPDX-License-Identifier: MIT */
#include "photo_kind.h"

#include "digest.h"

#include <stdint.h>
#include <string.h>

/* What is left to read of an image, or of a part of it. */
struct view {
    const unsigned char *bytes;
    size_t length;
};

static struct view skip(struct view view, size_t count)
{
    return (struct view){view.bytes + count, view.length - count};
}

static uint32_t big_endian(const unsigned char *bytes, int count)
{
    uint32_t number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

static uint32_t little_endian(const unsigned char *bytes, int count)
{
    uint32_t number = 0;
    for (int i = count - 1; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

static bool starts_with(struct view view, const char *bytes, size_t length)
{
    return view.length >= length && memcmp(view.bytes, bytes, length) == 0;
}

/* --- JPEG (ITU-T T.81, annex B) ------------------------------------------ */

enum jpeg_marker {
    JPEG_FRAME_FIRST = 0xC0,
    JPEG_HUFFMAN_TABLES = 0xC4, /* not a frame, though among them */
    JPEG_EXTENSION = 0xC8,
    JPEG_ARITHMETIC = 0xCC,
    JPEG_FRAME_LAST = 0xCF,
    JPEG_RESTART_FIRST = 0xD0,
    JPEG_END = 0xD9,
    JPEG_SCAN = 0xDA
};

static bool is_frame(int marker)
{
    return marker >= JPEG_FRAME_FIRST && marker <= JPEG_FRAME_LAST &&
           marker != JPEG_HUFFMAN_TABLES && marker != JPEG_EXTENSION &&
           marker != JPEG_ARITHMETIC;
}

/* The segment of a frame, from its length on: precision, height, width, and
 * three bytes for each component. A height of 0 is told later. */
static bool is_frame_header(struct view segment)
{
    if (segment.length < 8)
        return false;
    int precision = segment.bytes[2];
    uint32_t width = big_endian(segment.bytes + 5, 2);
    size_t components = segment.bytes[7];
    return precision >= 2 && precision <= 16 && width > 0 && components >= 1 &&
           components <= 4 && segment.length == 8 + (3 * components);
}

/* Within a scan 0xFF is followed by 0 or a restart, so an end is an end. */
static bool has_jpeg_end(struct view view)
{
    for (size_t i = 1; i < view.length; i++) {
        if (view.bytes[i - 1] == 0xFF && view.bytes[i] == JPEG_END)
            return true;
    }
    return false;
}

/* Takes a marker and its segment off the view. Returns the marker; < 0 if
 * there is none, or one that has no segment and no place before a scan. */
static int take_segment(struct view *view, struct view *segment)
{
    if (view->length < 1 || view->bytes[0] != 0xFF)
        return -1;
    while (view->length > 0 && view->bytes[0] == 0xFF)
        *view = skip(*view, 1); /* any number of them may fill up */
    if (view->length < 3)
        return -1;
    int marker = view->bytes[0];
    *view = skip(*view, 1);
    size_t length = big_endian(view->bytes, 2);
    if (marker < JPEG_FRAME_FIRST || length < 2 || length > view->length ||
        (marker >= JPEG_RESTART_FIRST && marker <= JPEG_END))
        return -1;
    *segment = (struct view){view->bytes, length};
    *view = skip(*view, length);
    return marker;
}

static bool is_jpeg(const unsigned char *bytes, size_t length)
{
    struct view view = {bytes, length};
    struct view segment;
    bool framed = false;
    if (!starts_with(view, "\xFF\xD8\xFF", 3))
        return false;
    view = skip(view, 2);
    for (;;) {
        int marker = take_segment(&view, &segment);
        if (marker < 0 || (is_frame(marker) && !is_frame_header(segment)))
            return false;
        if (marker == JPEG_SCAN)
            return framed && has_jpeg_end(view);
        framed = framed || is_frame(marker);
    }
}

/* --- PNG (ISO/IEC 15948) -------------------------------------------------- */

/* The bits per sample that a type of colour may have, as a set of bits. */
static bool is_png_depth(int colour, int depth)
{
    static const unsigned depths[] = {
        [0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
        [2] = 1u << 8 | 1u << 16,
        [3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
        [4] = 1u << 8 | 1u << 16,
        [6] = 1u << 8 | 1u << 16,
    };
    return colour <= 6 && depth <= 16 && (depths[colour] >> depth & 1) != 0;
}

static bool is_png_header(const unsigned char *data)
{
    static const uint32_t most = UINT32_C(0x7FFFFFFF);
    uint32_t width = big_endian(data, 4);
    uint32_t height = big_endian(data + 4, 4);
    return width >= 1 && width <= most && height >= 1 && height <= most &&
           is_png_depth(data[9], data[8]) && data[10] == 0 && data[11] == 0 &&
           data[12] <= 1;
}

static bool is_png(const unsigned char *bytes, size_t length)
{
    static const char signature[] = "\x89PNG\r\n\x1A\n";
    enum {
        HEADER_LENGTH = 13,
        AROUND = 12 /* length, type and checksum of a chunk */
    };
    struct view view = {bytes, length};
    bool has_data = false;
    if (!starts_with(view, signature, sizeof signature - 1))
        return false;
    view = skip(view, sizeof signature - 1);
    if (!starts_with(view, "\0\0\0\x0DIHDR", 8) ||
        view.length < HEADER_LENGTH + AROUND || !is_png_header(view.bytes + 8))
        return false;
    for (;;) {
        size_t data = view.length < AROUND ? 0 : big_endian(view.bytes, 4);
        if (view.length < AROUND || data > view.length - AROUND)
            return false;
        if (memcmp(view.bytes + 4, "IEND", 4) == 0)
            return has_data && data == 0;
        has_data = has_data || memcmp(view.bytes + 4, "IDAT", 4) == 0;
        view = skip(view, AROUND + data);
    }
}

/* --- WebP (RFC 9649) ------------------------------------------------------ */

/* A frame of VP8 that needs none before it, of a size (RFC 6386, 9.1). */
static bool is_lossy(struct view data)
{
    return data.length >= 10 && (data.bytes[0] & 1) == 0 &&
           memcmp(data.bytes + 3, "\x9D\x01\x2A", 3) == 0 &&
           (little_endian(data.bytes + 6, 2) & 0x3FFF) != 0 &&
           (little_endian(data.bytes + 8, 2) & 0x3FFF) != 0;
}

static bool is_lossless(struct view data)
{
    return data.length >= 5 && data.bytes[0] == 0x2F && data.bytes[4] >> 5 == 0;
}

/* Whether a chunk holds the image, or a part of it in an animation. */
static bool is_webp_image(const unsigned char *type, struct view data)
{
    if (memcmp(type, "VP8 ", 4) == 0)
        return is_lossy(data);
    if (memcmp(type, "VP8L", 4) == 0)
        return is_lossless(data);
    return memcmp(type, "ANMF", 4) == 0 && data.length > 16;
}

static bool is_webp(const unsigned char *bytes, size_t length)
{
    struct view view = {bytes, length};
    if (view.length < 12 || !starts_with(view, "RIFF", 4) ||
        memcmp(bytes + 8, "WEBP", 4) != 0)
        return false;
    size_t whole = little_endian(bytes + 4, 4);
    if (whole < 4 || whole > length - 8)
        return false;
    view = (struct view){bytes + 12, whole - 4};
    bool may_go_on = view.length >= 4 && memcmp(view.bytes, "VP8X", 4) == 0;
    do {
        size_t size = view.length < 8 ? 0 : little_endian(view.bytes + 4, 4);
        if (view.length < 8 || size > view.length - 8)
            return false;
        if (is_webp_image(view.bytes, (struct view){view.bytes + 8, size}))
            return true;
        size_t padded = size + (size % 2);
        if (padded > view.length - 8)
            return false;
        view = skip(view, 8 + padded);
    } while (may_go_on);
    return false;
}

/* --- The table -------------------------------------------------------------*/

static const struct photo_kind kinds[] = {
    {"jpg", "image/jpeg", is_jpeg},
    {"png", "image/png", is_png},
    {"webp", "image/webp", is_webp},
};

static const size_t kind_count = sizeof kinds / sizeof kinds[0];

const struct photo_kind *photo_kind_of_bytes(const void *bytes, size_t length)
{
    for (size_t i = 0; i < kind_count; i++) {
        if (kinds[i].fits(bytes, length))
            return &kinds[i];
    }
    return NULL;
}

static bool is_digest(const char *text)
{
    for (size_t i = 0; i < DIGEST_LENGTH; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (!digit && (text[i] < 'a' || text[i] > 'f'))
            return false;
    }
    return true;
}

const struct photo_kind *photo_kind_of_name(const char *text, size_t length)
{
    if (length <= DIGEST_LENGTH || !is_digest(text) ||
        text[DIGEST_LENGTH] != '.')
        return NULL;
    const char *extension = text + DIGEST_LENGTH + 1;
    length -= DIGEST_LENGTH + 1;
    for (size_t i = 0; i < kind_count; i++) {
        if (strlen(kinds[i].extension) == length &&
            memcmp(kinds[i].extension, extension, length) == 0)
            return &kinds[i];
    }
    return NULL;
}
