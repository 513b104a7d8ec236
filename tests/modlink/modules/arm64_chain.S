// Needs a module that needs a module.
#include "module.inc"
    module  chain
    .text
    .globl  link
link:
    b       helper
    export  link
