// Cannot be loaded: 16 bits cannot hold the address of a function. They stand 6 bytes into .data.

#include <tenon/module.h>

extern "C" int far_target()
{
    return 0;
}

asm(".data\n"
    ".space 6\n"
    ".hword far_target\n"
    ".previous\n");

module_init(far_target);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: holds a reference that no address fits");
