// A module without landing pads, as compilers make it by default: the kernel calls its functions through pointers all the same.

#include <tenon/log.h>
#include <tenon/module.h>

namespace {

int answer = 0;

// Called with anything: tests branch here.
[[gnu::noinline]] int compute(int value)
{
    return static_cast<int>(static_cast<unsigned>(value) * 2);
}

int start()
{
    answer = compute(21);
    tenon::log::info("padless", "start: {}", answer);
    return 0;
}

void stop()
{
    tenon::log::info("padless", "stop: {}", answer);
}

}  // namespace

module_init(start);
module_exit(stop);
module_param(answer, int, 0444);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: code without landing pads");
