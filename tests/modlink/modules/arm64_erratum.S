// ADRP at page offset 0xff8, near (becomes ADR), and at 0xffc, far (needs a veneer).
#include "module.inc"
    module  erratum
    .text
    .balign 4096
    .space  0xff8
    adrp    x0, message
    add     x0, x0, :lo12:message
    .space  0xffc
    adrp    x1, jiffies
    add     x1, x1, :lo12:jiffies
    ret
message:
    .asciz  "here"
