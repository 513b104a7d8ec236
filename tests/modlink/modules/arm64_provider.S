#include "module.inc"
    module  provider
    .text
    .globl  helper
helper:
    ret
    export  helper
