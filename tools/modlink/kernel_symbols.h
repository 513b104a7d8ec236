#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <modlink/modlink.h>
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// What a kernel and other modules offer to the module that is checked.

namespace tenon::tools {

struct OfferedSymbol {
    u64 address = 0;
    std::string provider;  // "kernel" or the name of a module
    bool is_gpl_only = false;
    std::optional<u64> version;  // the CRC of its prototype, when it is known
};

class KernelSymbols {
public:
    // A kernel with symbols (its exports are those of its __ksymtab entries, or else its global symbols with default visibility), a
    // System.map, or a Module.symvers. The kind is seen from the contents. Errno::noexec when it is none of them.
    Result<> read_kernel(const std::string& path);

    // The last word on a name counts.
    void add(const std::string& name, OfferedSymbol symbol);

    // Null when nobody offers it.
    const OfferedSymbol* find(std::string_view name) const;

    // Known when the kernel is an ELF file for one of the machines that the linker knows.
    std::optional<::modlink::Machine> machine() const { return machine_; }

    // What .modinfo of a module must say, known when the kernel is an ELF file that has the object `vermagic`.
    const std::optional<std::string>& vermagic() const { return vermagic_; }

    // Behind the last symbol: modules that stand there reach the kernel by direct branches. 0 when there is no symbol.
    u64 end() const { return end_; }

private:
    Result<> read_elf(std::span<const std::byte> file);
    Result<> read_map(std::string_view text);
    Result<> read_symvers(std::string_view text);

    std::map<std::string, OfferedSymbol, std::less<>> symbols_;
    std::optional<::modlink::Machine> machine_;
    std::optional<std::string> vermagic_;
    u64 end_ = 0;
};

}  // namespace tenon::tools
