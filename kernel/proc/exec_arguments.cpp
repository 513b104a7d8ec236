#include "kernel/mm/user_access.h"
#include "kernel/proc/exec.h"

namespace tenon {

namespace {

constexpr u64 max_strings = ArgumentStack::limit / sizeof(u64);

Result<u64> count_strings(UserPtr<u64> array)
{
    if (array.is_null())
        return u64{0};
    for (u64 count = 0; count < max_strings; ++count) {
        TRY(resched_point());
        const u64 string = TRY(user::load(array + count));
        if (string == 0)
            return count;
    }
    return fail(Errno::too_big);
}

Result<> push_list(ArgumentStack& stack, UserPtr<u64> array, u64 count)
{
    for (u64 index = count; index-- > 0;) {
        TRY(resched_point());
        const u64 string = TRY(user::load(array + index));
        TRY(stack.push_user_string(UserPtr<const char>(string)));
    }
    return {};
}

Result<> push_list(ArgumentStack& stack, std::span<const std::string_view> strings)
{
    for (usize index = strings.size(); index-- > 0;)
        TRY(stack.push_string(strings[index]));
    return {};
}

}  // namespace

Result<ProgramArguments> gather_arguments(std::string_view name, std::span<const std::string_view> arguments,
                                          std::span<const std::string_view> environment)
{
    ProgramArguments gathered;
    gathered.stack = TRY(ArgumentStack::create());
    TRY(gathered.stack->push_string(name));
    TRY(push_list(*gathered.stack, environment));
    TRY(push_list(*gathered.stack, arguments));
    gathered.argument_count = arguments.size();
    gathered.environment_count = environment.size();
    return gathered;
}

Result<ProgramArguments> gather_user_arguments(std::string_view name, UserPtr<u64> arguments, UserPtr<u64> environment)
{
    ProgramArguments gathered;
    gathered.argument_count = TRY(count_strings(arguments));
    gathered.environment_count = TRY(count_strings(environment));
    gathered.stack = TRY(ArgumentStack::create());
    TRY(gathered.stack->push_string(name));
    TRY(push_list(*gathered.stack, environment, gathered.environment_count));
    TRY(push_list(*gathered.stack, arguments, gathered.argument_count));
    if (gathered.argument_count == 0) {  // programs rely on argv[0]
        TRY(gathered.stack->push_string(""));
        gathered.argument_count = 1;
    }
    return gathered;
}

}  // namespace tenon
