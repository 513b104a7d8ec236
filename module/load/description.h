#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/elf/object_view.h"
#include "module/load/load.h"

namespace tenon::modload {

// What the loader reads of .modinfo, before anything has been placed. Views into the ObjectView.
struct Description {
    std::string_view name;
};

// Errno::noexec for a file that is not one of our modules, or made for another kernel.
Result<Description> read_description(const elf::ObjectView& view, Vermagic vermagic, elf::Diagnostics& diagnostics);

// Whether one of the module's licences lets it use what is exported for GPL modules only.
bool has_gpl_compatible_license(const elf::ObjectView& view);

// What .modinfo's vermagic must say, unless it is to be ignored.
std::string_view expected_vermagic();

}  // namespace tenon::modload
