// Made for the kernel that says its version magic.
#include "module.inc"
    module  magic
    vermagic "4.4.4 SMP mod_unload"
