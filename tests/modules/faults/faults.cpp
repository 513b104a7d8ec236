// Makes a mistake that the debug kernel finds, when its name is written to parameters/plant: kernel/debug/faults, as a module's own code.

#include "kernel/debug/faults/faults.h"

#include <new>

#include <tenon/memory.h>
#include <tenon/module.h>

using namespace tenon;

namespace {

Result<> plant(const Parameter&, const std::string_view* name)
{
    if (name == nullptr || !plant_fault(*name))
        return fail(Errno::inval);
    return {};
}

constexpr ParameterOperations operations = {plant, nullptr};
bool unused;
bool forgetful;
const char* volatile forgotten;

Result<> start()
{
    if (forgetful)
        forgotten = new (std::nothrow) char[24];
    return {};
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);
module_param(forgetful, bool, 0);
MODULE_PARM_DESC(forgetful, "whether init leaves something behind");
module_param_custom(plant, operations, unused, "name", 0200);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: mistakes in a module");
