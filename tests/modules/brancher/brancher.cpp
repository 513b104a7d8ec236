// Calls whatever address its parameter says, once.

#include <tenon/module.h>

namespace {

unsigned long target = 0;

// Stays after init, so that reports know its name; and does not end in a jump to the target.
[[gnu::noipa]] int call(unsigned long address)
{
    reinterpret_cast<void (*)()>(address)();
    return 0;
}

int start()
{
    return target != 0 ? call(target) : 0;
}

}  // namespace

module_init(start);
module_exit([] {});
module_param(target, ulong, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: calls any address");
