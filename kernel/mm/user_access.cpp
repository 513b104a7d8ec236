#include "kernel/mm/user_access.h"

#include <algorithm>

namespace tenon::user {

Result<> clear(UserAddr destination, usize size)
{
    if (!range_valid(destination, size) || arch::clear_user_raw(destination, size) != 0)
        return fail(Errno::fault);
    return {};
}

Result<std::string_view> copy_string(std::span<char> out, UserPtr<const char> string)
{
    const u64 start = string.address().value();
    if (start >= layout::user_end || out.empty())
        return fail(Errno::fault);
    const usize limit = std::min<u64>(out.size() - 1, layout::user_end - start - 1);
    const auto length = arch::user_string_length_raw(string.address(), limit);
    if (!length)
        return fail(Errno::fault);
    if (*length > limit)
        return fail(Errno::nametoolong);
    TRY(copy_from(std::as_writable_bytes(out.first(*length)), string.address()));
    out[*length] = '\0';
    return std::string_view(out.data(), *length);
}

}  // namespace tenon::user
