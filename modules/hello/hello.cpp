// The smallest useful module: greets on the way in and says goodbye on the way out. A global object does both.

#include <tenon/log.h>
#include <tenon/module.h>

namespace {

const char* who = "world";
int times = 1;

class Greeter {
public:
    Greeter()
    {
        const tenon::ParameterLock lock;
        for (int i = 0; i < times; ++i)
            tenon::log::info("hello", "hello, {}", who);
    }
    // Nobody can write to the parameter any more.
    ~Greeter() { tenon::log::info("hello", "goodbye, {}", who); }
};

const Greeter greeter;

}  // namespace

module_param(who, charp, 0644);
MODULE_PARM_DESC(who, "whom to greet");
module_param(times, int, 0444);
MODULE_PARM_DESC(times, "how often");

MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The Tenon project");
MODULE_DESCRIPTION("A sample: greets when it is loaded");
MODULE_VERSION("1.0");
