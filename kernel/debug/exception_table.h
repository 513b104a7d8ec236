#pragma once

#include <optional>
#include <span>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/types.h"

// Instructions that may fault on a user address, and where to go on when they do. The kernel's own table is section
// .ex_table; modules add theirs.

namespace tenon::exception_table {

// Both relative to the address of the field itself.
struct Entry {
    i32 instruction;
    i32 fixup;
};

// The table of one module. The entries are found while the object lives.
class Registration : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    explicit Registration(std::span<const Entry> entries);
    ~Registration();

    std::span<const Entry> entries() const { return entries_; }

private:
    std::span<const Entry> entries_;
};

// Every context.
std::optional<u64> find(u64 pc);

}  // namespace tenon::exception_table
