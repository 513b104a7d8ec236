#include "module.inc"
    module  thread_local
    .section .tdata, "awT"
    .quad   1
