#include "module.inc"
    module  writable_code
    .section patched, "awx"
    nop
