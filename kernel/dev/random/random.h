#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// The kernel's source of random bytes: a ChaCha20 generator (RFC 8439) that forgets its key after every request. It is ready when it has
// been given so much that nobody can guess its key; before that its bytes differ from boot to boot, but may be guessed.

namespace tenon::random {

// Takes the seed that the boot loader passed. Interrupts need not work yet.
void initialise();

// Every context.
void fill(std::span<std::byte> out);
bool is_ready();
// Blocks until the generator is ready, which takes at most about a second even where nobody gave a seed. Errno::intr.
Result<> wait_until_ready();

// Mixes in what somebody may not know; does not bring the generator nearer to being ready. Every context.
void add_entropy(std::span<const std::byte> data);
enum class FromDevice : bool { no, yes };
// An interrupt has come; its time is worth something when the outside world made it. Interrupts are off.
void note_interrupt(u32 number, FromDevice from_device);

}  // namespace tenon::random
