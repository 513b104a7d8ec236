// Reads and writes where it is told to, with and without a guard, from init and later. `echo 0xADDRESS > parameters/OPERATION` tries one
// access of 8 bytes.

#include <charconv>

#include <tenon/guarded_access.h>
#include <tenon/log.h>
#include <tenon/module.h>

using namespace tenon;

namespace {

u64 value = 0;  // what was read last
unsigned long start_address = 0;

Result<> load(u64 address)
{
    value = TRY(guarded_load(reinterpret_cast<const u64*>(address)));
    return {};
}

Result<> store(u64 address)
{
    return guarded_store(reinterpret_cast<u64*>(address), u64{0});
}

Result<> load_user(u64 address)
{
    value = TRY(load_from_user<u64>(UserAddr(address)));
    return {};
}

[[gnu::noinline]] Result<> load_unguarded(u64 address)
{
    value = *reinterpret_cast<const volatile u64*>(address);
    return {};
}

template <Result<> (*access)(u64)>
Result<> try_access(const Parameter&, const std::string_view* text)
{
    u64 address = 0;
    if (text == nullptr || !text->starts_with("0x"))
        return fail(Errno::inval);
    std::from_chars(text->data() + 2, text->data() + text->size(), address, 16);
    const ParameterLock lock;  // for the value
    return access(address);
}

void print_value(const Parameter&, TextSink& out)
{
    const ParameterLock lock;
    format_to(out, "{:#x}", value);
}

template <Result<> (*access)(u64)>
constexpr ParameterOperations trial = {try_access<access>, print_value};

constexpr ParameterOperations load_trial = trial<load>;
constexpr ParameterOperations store_trial = trial<store>;
constexpr ParameterOperations user_trial = trial<load_user>;
constexpr ParameterOperations unguarded_trial = trial<load_unguarded>;

TENON_INIT Result<> start()
{
    if (start_address != 0) {
        const auto byte = guarded_load(reinterpret_cast<const u8*>(start_address));
        const auto half = guarded_load(reinterpret_cast<const u16*>(start_address));
        const auto word = guarded_load(reinterpret_cast<const u32*>(start_address));
        log::info("guarded", "at the start: {} {} {}", byte.has_value(), half.has_value(), word.has_value());
    }
    return {};
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);
module_param(start_address, ulong, 0);
module_param_custom(load, load_trial, value, "address", 0600);
module_param_custom(store, store_trial, value, "address", 0600);
module_param_custom(user, user_trial, value, "address", 0600);
module_param_custom(unguarded, unguarded_trial, value, "address", 0600);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: accesses to bad addresses");
