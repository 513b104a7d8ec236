#pragma once

#include <span>

#include "kernel/lib/types.h"

// The kernel's source of random bytes: a ChaCha20 generator (RFC 8439) that forgets its key after every request.

namespace tenon::random {

// Every context. Before the first add_entropy() the bytes depend on the machine's counter alone.
void fill(std::span<std::byte> out);
// Mixes in what an attacker may not know: the boot seed of the device tree, interrupt times.
void add_entropy(std::span<const std::byte> data);

}  // namespace tenon::random
