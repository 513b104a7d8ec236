// Refuses to start with the error that the parameter says.

#include <tenon/module.h>

namespace {

int error = 19;  // ENODEV

int start()
{
    return -error;
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);
module_param(error, int, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: init fails");
