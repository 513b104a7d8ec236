#pragma once

#include <span>

#include "tests/support/host_modules.h"

namespace tenon::test {

// Loads a file as far as a load goes without running the module's code: links and publishes it, sets its parameters, looks at all that
// readers of published modules look at, with the memory of init there and without it; then takes the module out again. The file's error when
// it is refused. Nothing of it is left in `kernel` afterwards.
Result<> publish_and_withdraw(HostKernel& kernel, std::span<const std::byte> file);

// Spoils the file in a few places that `seed` chooses.
void damage(std::span<std::byte> file, u64 seed);

}  // namespace tenon::test
