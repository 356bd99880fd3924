/* SPDX-License-Identifier: MIT */
#include "http_request.h"

static bool is_method(struct json_value value)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH",
        "DELETE", "get", "head", "post", "put", "patch", "delete"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (json_string_equals(value, methods[i]))
            return true;
    }
    return false;
}

static bool is_content_type(struct json_value value)
{
    return json_string_equals(value, "json") ||
           json_string_equals(value, "multipart");
}

static bool is_duration(struct json_value value)
{
    size_t length;
    const char *raw = json_raw(value, &length);
    return raw[0] != '-';
}

static bool holds_strings(struct json_value value)
{
    struct json_value member = json_first(value);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        if (!json_is(member, JSON_STRING) && !json_is(member, JSON_NUMBER))
            return false;
    }
    return true;
}

static const struct json_shape file_rows[] = {
    {"", true, JSON_OBJECT, NULL, "must be an object", NULL},
    {"field", true, JSON_STRING, NULL, "must be a string", NULL},
    {"filename", false, JSON_STRING, NULL, "must be a string", NULL},
    {"content", true, JSON_STRING, NULL, "must be a string in base64", NULL},
    {"mime_type", false, JSON_STRING, NULL, "must be a string", NULL},
    {.name = NULL},
};

static const struct json_shape request_rows[] = {
    {"", true, JSON_OBJECT, NULL, "must be an object", NULL},
    {"url", true, JSON_STRING, NULL, "must be a string", NULL},
    {"method", false, JSON_STRING, is_method,
        "must be one of GET, HEAD, POST, PUT, PATCH and DELETE", NULL},
    {"headers", false, JSON_OBJECT, holds_strings,
        "must be an object of strings", NULL},
    {"credentials", false, JSON_STRING, NULL, "must be a string", NULL},
    {"timeout", false, JSON_NUMBER, is_duration,
        "must be a number of milliseconds, not negative", NULL},
    {"content_type", false, JSON_STRING, is_content_type,
        "must be \"json\" or \"multipart\"", NULL},
    {"files", false, JSON_ARRAY, NULL, "must be an array", file_rows},
    {.name = NULL},
};

static const struct json_shape list_rows[] = {
    {"", true, JSON_ARRAY, NULL, "must be an array", request_rows},
    {.name = NULL},
};

bool http_request_check(
    struct json_value request, const char *name, struct json_misfit *misfit)
{
    return json_shape_check(request_rows, request, name, misfit);
}

bool http_requests_check(
    struct json_value requests, const char *name, struct json_misfit *misfit)
{
    return json_shape_check(list_rows, requests, name, misfit);
}

int64_t http_request_timeout(struct json_value request)
{
    int64_t milliseconds = 0;
    json_integer(json_member(request, "timeout"), &milliseconds);
    return milliseconds > 0 ? milliseconds : 0;
}
