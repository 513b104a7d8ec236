#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"

namespace tenon::tools {

// Writes JSON, indented, to a stream. The calls mirror the text: each begin_ has its end_; inside an object every value has a
// key. Bytes that are not UTF-8 are written as U+FFFD.
class JsonWriter {
public:
    explicit JsonWriter(std::FILE* out) : out_(out) {}

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    void key(std::string_view name);

    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(i64 number);
    void value(bool boolean);
    template <typename Strings>
    void array(std::string_view name, const Strings& strings)
    {
        key(name);
        begin_array();
        for (const auto& string : strings)
            value(std::string_view(string));
        end_array();
    }
    template <typename T>
    void member(std::string_view name, const T& content)
    {
        key(name);
        value(content);
    }

    // The newline after the outermost value.
    void finish();

private:
    void separate();
    void begin(char bracket);
    void end(char bracket);
    void write_text(std::string_view text);
    void indent();

    std::FILE* out_;
    std::vector<bool> filled_;  // for each open bracket, whether something stands in it
    bool after_key_ = false;
};

}  // namespace tenon::tools
