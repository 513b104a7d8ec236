#include "kernel/syscall/unsupported.h"

namespace tenon::syscall {

Result<u64> sys_extended_attribute(const Arguments&)
{
    return fail(Errno::opnotsupp);
}

}  // namespace tenon::syscall
