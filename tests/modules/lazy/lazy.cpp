// Makes an object when it is first asked for: `cat parameters/object` says what it holds and how many were made.

#include <atomic>

#include <tenon/log.h>
#include <tenon/module.h>
#include <tenon/time.h>

using namespace tenon;

namespace {

std::atomic<u32> made{0};

struct Object {
    // Slow, so that all who ask at once find it under construction.
    Object()
    {
        static_cast<void>(sleep_for(nanoseconds_per_second / 5, Interruptible::no));
        made.fetch_add(1);
        value = 42;
    }
    ~Object() { log::info("lazy", "the object of value {} goes", value); }

    u32 value = 0;
};

void print(const Parameter&, TextSink& out)
{
    static Object object;
    format_to(out, "{} of {}", object.value, made.load());
}

constexpr ParameterOperations operations = {nullptr, print};

}  // namespace

module_param_custom(object, operations, made, "text", 0444);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: a function-local static with constructor and destructor");
