#include "kernel/debug/faults/faults.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/sanitizer/heap_guard.h"

namespace tenon::sysctl {

Result<> add_debug_values()
{
    TRY(add_number("kernel/heap_objects", {.get = [] { return static_cast<i64>(heap::guard::live_objects()); }}));
    return add_text("kernel/plant_fault", nullptr, [](std::string_view name) -> Result<> {
        if (name.ends_with('\n'))
            name.remove_suffix(1);
        if (!plant_fault(name))
            return fail(Errno::inval);
        return {};
    });
}

}  // namespace tenon::sysctl
