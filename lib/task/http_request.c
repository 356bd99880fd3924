/* SPDX-License-Identifier: MIT */
#include "http_request.h"

#include "json.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What a member may be. */
struct member {
    const char *name;
    bool required;
    bool (*fits)(struct json_value value);
    const char *reason;
};

static bool is_given(struct json_value value)
{
    return !json_is(value, JSON_ABSENT) && !json_is(value, JSON_NULL);
}

static bool is_string(struct json_value value)
{
    return json_is(value, JSON_STRING);
}

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
    return json_is(value, JSON_NUMBER) && raw[0] != '-';
}

static bool holds_strings(struct json_value value)
{
    if (!json_is(value, JSON_OBJECT))
        return false;
    struct json_value member = json_first(value);
    for (; !json_is(member, JSON_ABSENT); member = json_next(member)) {
        if (!json_is(member, JSON_STRING) && !json_is(member, JSON_NUMBER))
            return false;
    }
    return true;
}

static bool is_array(struct json_value value)
{
    return json_is(value, JSON_ARRAY);
}

static const struct member request_members[] = {
    {"url", true, is_string, "must be a string"},
    {"method", false, is_method,
        "must be one of GET, HEAD, POST, PUT, PATCH and DELETE"},
    {"headers", false, holds_strings, "must be an object of strings"},
    {"credentials", false, is_string, "must be a string"},
    {"timeout", false, is_duration,
        "must be a number of milliseconds, not negative"},
    {"content_type", false, is_content_type,
        "must be \"json\" or \"multipart\""},
    {"files", false, is_array, "must be an array"},
};

static const struct member file_members[] = {
    {"field", true, is_string, "must be a string"},
    {"filename", false, is_string, "must be a string"},
    {"content", true, is_string, "must be a string in base64"},
    {"mime_type", false, is_string, "must be a string"},
};

static bool refuse(struct http_request_fault *fault, const char *name,
    const char *member, const char *reason)
{
    snprintf(fault->member, sizeof fault->member, "%s%s%s", name,
        member[0] == '\0' ? "" : ".", member);
    fault->reason = reason;
    return false;
}

static bool check_members(struct json_value object,
    const struct member *members, size_t count, const char *name,
    struct http_request_fault *fault)
{
    if (!json_is(object, JSON_OBJECT))
        return refuse(fault, name, "", "must be an object");
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &members[i];
        struct json_value value = json_member(object, member->name);
        if (!is_given(value) && member->required)
            return refuse(fault, name, member->name, "is missing");
        if (is_given(value) && !member->fits(value))
            return refuse(fault, name, member->name, member->reason);
    }
    return true;
}

/* The name of an element, as "files[1]". */
static void name_element(char *out, size_t size, const char *name, size_t i)
{
    snprintf(out, size, "%s[%zu]", name, i);
}

static bool check_files(
    struct json_value files, const char *name, struct http_request_fault *fault)
{
    char list[48];
    char element[64];
    snprintf(list, sizeof list, "%s.files", name);
    struct json_value file = json_first(files);
    for (size_t i = 0; !json_is(file, JSON_ABSENT); i++) {
        name_element(element, sizeof element, list, i);
        if (!check_members(file, file_members,
                sizeof file_members / sizeof file_members[0], element, fault))
            return false;
        file = json_next(file);
    }
    return true;
}

bool http_request_check(struct json_value request, const char *name,
    struct http_request_fault *fault)
{
    return check_members(request, request_members,
               sizeof request_members / sizeof request_members[0], name,
               fault) &&
           check_files(json_member(request, "files"), name, fault);
}

bool http_requests_check(struct json_value requests, const char *name,
    struct http_request_fault *fault)
{
    char element[40];
    if (!is_array(requests))
        return refuse(fault, name, "", "must be an array");
    struct json_value request = json_first(requests);
    for (size_t i = 0; !json_is(request, JSON_ABSENT); i++) {
        name_element(element, sizeof element, name, i);
        if (!http_request_check(request, element, fault))
            return false;
        request = json_next(request);
    }
    return true;
}

int64_t http_request_timeout(struct json_value request)
{
    int64_t milliseconds = 0;
    json_integer(json_member(request, "timeout"), &milliseconds);
    return milliseconds;
}
