#include "kernel/log/early_console.h"

#include "kernel/mm/kernel_map.h"
#include <tenon/io.h>
#include <tenon/memory.h>

// PrimeCell UART (PL011) Technical Reference Manual, 3.2 "Summary of registers".

namespace tenon::early_console {
namespace {

constexpr u64 data_register = 0x00;
constexpr u64 flag_register = 0x18;
constexpr u32 transmit_full = 1 << 5;

constinit KernelAddr base;  // 0: there is no console

void put(char character)
{
    while ((io::read_relaxed<u32>(base + flag_register) & transmit_full) != 0) {
    }
    io::write_relaxed<u32>(base + data_register, static_cast<u8>(character));
}

}  // namespace

void use(KernelAddr registers)
{
    base = registers;
}

void map(PhysAddr registers)
{
    const auto address = kernel_map::reserve(page_size);
    if (address && kernel_map::map(*address, registers, page_size, kernel_map::Access::device))
        use(*address);
}

void write(std::string_view text)
{
    if (base.value() == 0)
        return;
    for (const char character : text) {
        if (character == '\n')
            put('\r');
        put(character);
    }
}

}  // namespace tenon::early_console
