// Made for another release of the kernel, with versions of symbols.
#include "module.inc"
    module  magic_versions
    vermagic "4.4.5 SMP mod_unload"
    version 0x11111111, printk
