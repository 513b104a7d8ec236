#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::elf {

// .modinfo: `key=value` strings, NUL-separated, possibly with runs of NULs between (alignment). A string without `=` has an
// empty value. Nothing is copied: views into the section.
class Modinfo {
public:
    struct Entry {
        std::string_view key;
        std::string_view value;
    };

    class Iterator {
    public:
        Iterator() = default;
        explicit Iterator(std::string_view section) : rest_(section) { advance(); }
        const Entry& operator*() const { return entry_; }
        const Entry* operator->() const { return &entry_; }
        Iterator& operator++()
        {
            advance();
            return *this;
        }
        bool operator==(const Iterator& other) const { return entry_.key.data() == other.entry_.key.data(); }

    private:
        void advance();

        std::string_view rest_;
        Entry entry_;  // key.data() is null at the end
    };

    Modinfo() = default;
    explicit Modinfo(std::span<const char> section) : section_(section.data(), section.size()) {}

    Iterator begin() const { return Iterator(section_); }
    Iterator end() const { return Iterator(); }

    // The first value of `key`.
    std::optional<std::string_view> find(std::string_view key) const;

    // Whether one of the licences is GPL-compatible.
    bool is_gpl_compatible() const;

private:
    std::string_view section_;
};

// Whether a module with this licence may use what is exported for GPL modules only; the words are Linux's.
bool is_gpl_compatible(std::string_view license);

}  // namespace tenon::elf
