// Uses crc16, so that there is a module that stands on another one.

#include <array>

#include <tenon/crc16.h>
#include <tenon/log.h>
#include <tenon/module.h>

namespace {

int start()
{
    constexpr std::array text{std::byte{'1'}, std::byte{'2'}, std::byte{'3'}, std::byte{'4'}, std::byte{'5'},
                              std::byte{'6'}, std::byte{'7'}, std::byte{'8'}, std::byte{'9'}};
    tenon::log::info("needs_crc16", "crc16 of 123456789 is {:#06x}", tenon::crc16(0, text));
    return 0;
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: depends on crc16");
