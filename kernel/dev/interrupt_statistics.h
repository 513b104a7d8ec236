#pragma once

#include "kernel/lib/text.h"

namespace tenon::arch {

// The text of /proc/interrupts in Linux's form: how often each interrupt has come on each processor, and what for.
void describe_interrupts(TextSink& out);

}  // namespace tenon::arch
