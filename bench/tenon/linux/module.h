#pragma once

// Linux's spelling of what the generated benchmark modules use, on top of <tenon/module.h>: the same sources build for both.

#include <tenon/module.h>
#include <tenon/string.h>

#define noinline __attribute__((noinline))
#define __init __attribute__((section(".init.text")))
#define __exit __attribute__((section(".exit.text")))
