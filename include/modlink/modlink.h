#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// libmodlink: the linker of the kernel's module loader, for programs. It links a relocatable ELF64 object (a kernel module, AArch64 or
// x86-64) for given addresses and says what it found, with the code that the kernel itself runs. No state is shared between calls; calls may
// run in parallel.

namespace modlink {

enum class Machine { aarch64, x86_64 };

// The pieces that a module is laid out in. The init_ ones are given back after the module's init.
enum class RegionKind { text, rodata, ro_after_init, data, init_text, init_rodata, init_data };

std::string_view name_of(Machine machine);
std::string_view name_of(RegionKind kind);

struct Options {
    // The address of a symbol that the object refers to but does not define; nothing when nobody defines it.
    std::function<std::optional<std::uint64_t>(std::string_view name)> resolve;

    // Where a region shall stand, a multiple of `alignment`: anything else is refused with EINVAL. Without it the regions stand one behind
    // the other from `base` on, each aligned to a page.
    std::function<std::uint64_t(RegionKind kind, std::uint64_t size, std::uint64_t alignment)> place;
    std::uint64_t base = 0xffffffffa0000000;

    // Refuse objects for any other machine.
    std::optional<Machine> machine;

    // Reserve veneers, so that calls reach targets beyond the range of a direct branch.
    bool far = false;
    // Keep ADRP instructions away from the offsets of Cortex-A53 erratum 843419.
    bool avoid_erratum_843419 = false;
    // Go on after the first relocation that is refused and report all of them.
    bool report_all = false;
    // Read the object in pieces, as the kernel reads user memory, instead of in one view.
    bool in_pieces = false;
};

struct Section {
    std::string name;
    std::uint32_t index;  // in the object's section table
    std::uint64_t size;
    std::uint64_t alignment;
    std::uint64_t offset;               // in its region
    std::uint64_t address;              // 0 before placement
    std::optional<RegionKind> region;  // none: not loaded
};

struct Region {
    RegionKind kind;
    std::uint64_t size = 0;
    std::uint64_t alignment = 1;
    std::uint64_t address = 0;
    std::uint32_t veneers = 0;  // reserved
    std::uint32_t slots = 0;    // reserved GOT entries
    std::uint64_t cell_offset = 0;  // where veneers or slots begin, when there are any
    std::vector<std::byte> bytes;
};

struct Symbol {
    std::string name;
    std::uint64_t address;
    std::uint64_t size;
    bool function;
    bool undefined;  // provided by Options::resolve
};

struct Output {
    int error = 0;                      // errno of the failure, as init_module would give it; 0 for success
    std::vector<std::string> problems;  // one sentence each
    std::vector<std::string> unresolved;

    // What was known when the work ended.
    std::optional<Machine> machine;
    std::vector<Region> regions;  // those that are not empty
    std::vector<Section> sections;
    std::vector<Symbol> symbols;  // named ones, after success

    bool ok() const { return error == 0; }
    const Region* region(RegionKind kind) const;
};

// Links `object`, wherever its bytes stand; those aligned to 8 are used in place. Neither an object nor what a callback returns ends the
// program: each is a problem of the output. Exceptions of callbacks, and of memory that runs out, pass through.
Output link(std::span<const std::byte> object, const Options& options);

// Only the layout: regions without bytes and addresses.
Output layout(std::span<const std::byte> object, const Options& options);

// The `key=value` lines of .modinfo.
std::vector<std::pair<std::string_view, std::string_view>> modinfo(std::span<const std::byte> object);

}  // namespace modlink
