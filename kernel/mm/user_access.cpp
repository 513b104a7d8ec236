#include "kernel/mm/user_access.h"

namespace tenon::user {

namespace {

struct CopiedString {
    usize length;
    bool ended;  // by its NUL, which is copied then
};

// At most out.size() bytes.
Result<CopiedString> copy_to_nul(std::span<char> out, UserPtr<const char> string)
{
    const UserRange range = TRY(UserRange::check_start(string.address(), out.size()));
    const i64 length = arch::copy_string_from_user(out.data(), range);
    if (length < 0)
        return fail(Errno::fault);
    const auto count = static_cast<usize>(length);
    const bool ended = count < range.size();
    if (!ended && range.size() < out.size())  // it goes on where user space has ended
        return fail(Errno::fault);
    return CopiedString{count, ended};
}

}  // namespace

Result<> clear(UserAddr destination, usize size)
{
    const auto range = UserRange::check(destination, size);
    if (!range || arch::clear_user(*range) != 0)
        return fail(Errno::fault);
    return {};
}

Result<std::string_view> copy_string(std::span<char> out, UserPtr<const char> string)
{
    const CopiedString copied = TRY(copy_to_nul(out, string));
    if (!copied.ended)
        return fail(Errno::nametoolong);
    return std::string_view(out.data(), copied.length);
}

Result<std::string_view> copy_string_start(std::span<char> out, UserPtr<const char> string)
{
    const CopiedString copied = TRY(copy_to_nul(out.first(out.size() - 1), string));
    out[copied.length] = '\0';
    return std::string_view(out.data(), copied.length);
}

}  // namespace tenon::user
