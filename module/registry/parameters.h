#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/module_header.h>
#include <tenon/parameter.h>

namespace tenon::modreg {

// The parameters of one module, and the texts that its charp parameters point to. Setting and printing take the lock that
// ParameterLock names, one for the whole system, except while custom ones run the module's own code. The table is the module's own
// memory and must outlive the calls.
class ParameterSet {
public:
    ParameterSet() = default;
    explicit ParameterSet(std::span<const Parameter> table) : table_(table) {}

    std::span<const Parameter> table() const { return table_; }
    const Parameter* find(std::string_view name) const;  // null when there is none

    // `text` is absent when the name stood alone; it may end in a newline, and ends at a NUL. Errno::inval, range, nospc (too long),
    // nomem: the variable keeps its value.
    Result<> set(const Parameter& parameter, const std::string_view* text);

    // The value as /sys shows it, without a newline.
    void print(const Parameter& parameter, TextSink& out) const;

private:
    Result<> set_texts(const Parameter& parameter, std::string_view text);

    std::span<const Parameter> table_;
    std::unique_ptr<std::unique_ptr<char[]>[]> texts_;  // by index in the table; made when first needed
};

}  // namespace tenon::modreg
