#pragma once

// Addresses that the linker script and entry.S define. Only their addresses mean anything.

#include <cstddef>

#include "kernel/lib/types.h"

extern "C" {
extern const std::byte kernel_start[];
extern const std::byte text_start[];
extern const std::byte guarded_text_start[];
extern const std::byte text_end[];
extern const std::byte rodata_start[];
extern const std::byte rodata_end[];
extern const std::byte data_start[];
extern const std::byte kernel_end[];
extern const std::byte idmap_start[];
extern const std::byte boot_stack_guard[];
extern const std::byte boot_stack_top[];
extern const std::byte empty_table[];
extern tenon::u64 early_kernel_l2[];
}
