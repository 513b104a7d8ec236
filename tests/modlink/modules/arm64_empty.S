// A module with nothing but its description.
#include "module.inc"
    module  empty
