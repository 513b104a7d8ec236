#pragma once

#include <array>
#include <span>
#include <string_view>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/link/image.h"

namespace tenon::modload {

// Where what a module's header names may lie. What the kernel looks at as long as the module is there must neither go with init nor be
// changed by anybody, the loader's own writes included, once it has been checked.
inline constexpr modlink::RegionSet constant_home{modlink::Region::rodata};
inline constexpr modlink::RegionSet variable_home{modlink::Region::data};
inline constexpr modlink::RegionSet core_home{modlink::Region::rodata, modlink::Region::ro_after_init, modlink::Region::data};
inline constexpr modlink::RegionSet core_code{modlink::Region::text};
inline constexpr modlink::RegionSet any_code{modlink::Region::text, modlink::Region::init_text};
inline constexpr modlink::RegionSet init_tables{modlink::Region::init_rodata, modlink::Region::init_data};

// Takes the pointers of a module's tables, after relocation: the file may have been made by anything, so none is followed before it
// is known to lead into memory of the module that may hold what it points to. Errno::noexec. The image is not sealed yet.
class TableReader {
public:
    TableReader(const modlink::Image& image, elf::Diagnostics& diagnostics);

    // `count` objects of type T at `first`, aligned, inside one region of `home`.
    template <typename T>
    Result<std::span<T>> table(T* first, u64 count, modlink::RegionSet home, std::string_view what)
    {
        if (count == 0)
            return std::span<T>();
        TRY(check_inside(reinterpret_cast<u64>(first), count, sizeof(T), alignof(T), home, what));
        return std::span<T>(first, static_cast<usize>(count));
    }

    // A text that ends in the region of `home` in which it begins. Every byte counts as work that the file gives: texts that share
    // their bytes beyond all measure are refused.
    Result<std::string_view> text(const char* start, modlink::RegionSet home, std::string_view what);

    // The same for a text that the caller walks over himself: pay() is then his.
    Result<> check_text(const char* start, modlink::RegionSet home, std::string_view what);
    Result<> pay(u64 bytes, std::string_view what);

    // Null, or an instruction in `home`.
    template <typename F>
    Result<F*> function(F* address, modlink::RegionSet home, std::string_view what)
    {
        if (address != nullptr)
            TRY(check_inside(reinterpret_cast<u64>(address), 1, 1, 1, home, what));
        return address;
    }

    // A place in the core of the module, where others will look for a symbol; its end, too, as labels stand there.
    Result<> check_core_place(u64 address, std::string_view what);

    elf::Diagnostics& diagnostics() { return diagnostics_; }

private:
    Result<> check_inside(u64 address, u64 count, u64 size, u64 alignment, modlink::RegionSet home, std::string_view what);
    u64 text_end(modlink::Region region);

    const modlink::Image& image_;
    elf::Diagnostics& diagnostics_;
    std::array<u64, modlink::region_count> text_ends_{};  // behind the last NUL of the region; 0: not looked for yet
    u64 budget_;                                          // bytes of text that may still be walked over
};

}  // namespace tenon::modload
