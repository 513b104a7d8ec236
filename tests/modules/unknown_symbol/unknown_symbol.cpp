// Cannot be loaded: nobody defines two of its symbols.

#include <tenon/module.h>

extern "C" void nobody_defines_this();
extern "C" int nobody_defines_that;

namespace {

int start()
{
    nobody_defines_this();
    return nobody_defines_that;
}

}  // namespace

module_init(start);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: refers to symbols that nobody defines");
