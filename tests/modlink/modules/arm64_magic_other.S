// Made for another release of the kernel, without versions of symbols.
#include "module.inc"
    module  magic_other
    vermagic "4.4.5 SMP mod_unload"
