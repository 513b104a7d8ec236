#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// What a kernel and other modules offer to the module that is checked.

namespace tenon::tools {

class KernelSymbols {
public:
    // A kernel with symbols (its exports are its global symbols with default visibility, or those of its __ksymtab entries), a
    // System.map, or a Module.symvers. The kind is seen from the contents.
    Result<> read_kernel(const std::string& path);

    void add(std::string name, u64 address, std::string provider);

    struct Entry {
        u64 address;
        std::string provider;  // "kernel" or a module
    };
    const Entry* find(std::string_view name) const;
    usize size() const { return entries_.size(); }

    // Where modules may stand so that they reach the kernel by direct branches: behind its last symbol.
    u64 end() const { return end_; }

private:
    Result<> read_elf(std::span<const std::byte> file);
    void read_map(std::string_view text);
    void read_symvers(std::string_view text);

    std::map<std::string, Entry, std::less<>> entries_;
    u64 end_ = 0;
};

}  // namespace tenon::tools
