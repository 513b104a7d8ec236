// Whatever the fuzzer makes of a module goes the whole way from the file to a published module and all that readers of one look at, as in the
// kernel. For modules of this machine.

#include <cstdint>
#include <cstring>
#include <vector>

#include "kernel/lib/panic.h"
#include "tests/support/publication.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static tenon::test::HostKernel kernel;
    // A buffer of its own, of exactly this size, so that a read behind the file is seen.
    std::vector<std::byte> file(size);
    if (size != 0)
        std::memcpy(file.data(), data, size);
    static_cast<void>(tenon::test::publish_and_withdraw(kernel, file));
    tenon::expect(kernel.platform.memory().live_blocks() == 0, "memory of a module is left behind");
    tenon::expect(kernel.platform.exceptions.empty(), "exceptions of a module are left behind");
    return 0;
}
