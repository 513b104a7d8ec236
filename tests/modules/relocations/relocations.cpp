// Runs every function of tests/exec where the kernel's loader has linked it, and logs one line for each. A wrong result refuses the load.

#include "tests/exec/cases.h"
#include <tenon/cpu.h>
#include <tenon/log.h>
#include <tenon/module.h>

// Of arm64.S.
struct KnownSymbol {
    const char* name;
    unsigned long address;
};
extern "C" const KnownSymbol known_symbols[];
extern "C" const KnownSymbol known_symbols_end[];

namespace {

using namespace tenon;
using namespace tenon::test;

// Where the kernel says that these two are: known from elsewhere than from relocations.
unsigned long outside = 0;
unsigned long function = 0;

class Module final : public Environment {
public:
    // 0 when there is none of that name.
    u64 address(std::string_view name) const override
    {
        for (const KnownSymbol* symbol = known_symbols; symbol != known_symbols_end; ++symbol)
            if (name == symbol->name)
                return symbol->address;
        return 0;
    }
};

bool is_at(const Module& module, std::string_view symbol, u64 expected)
{
    const bool equal = module.address(symbol) == expected;
    if (!equal)
        log::error("relocations", "{} is at {:#x} instead of {:#x}", symbol, module.address(symbol), expected);
    return equal;
}

// Some use FP registers.
u64 call(u64 entry)
{
    const KernelFpScope fp;
    return reinterpret_cast<u64 (*)()>(entry)();
}

bool run(const ExecCase& test, const Module& module)
{
    const u64 entry = module.address(test.name);
    if (entry == 0) {
        log::error("relocations", "{} ({}): no such function", test.name, test.types);
        return false;
    }
    const u64 result = call(entry);
    const u64 expected = test.expected(module);
    if (result != expected)
        log::error("relocations", "{} ({}): returned {:#x} instead of {:#x}", test.name, test.types, result, expected);
    else
        log::info("relocations", "{} ({}): returned {:#x}, as it should", test.name, test.types, result);
    return result == expected;
}

int start()
{
    const Module module;
    unsigned ran = 0;
    unsigned failed = 0;
    failed += is_at(module, "outside", outside) ? 0 : 1;
    failed += is_at(module, "function", function) ? 0 : 1;
    for (const ExecCase& test : arm64_suite().cases) {
        if (test.where == Where::programs)
            continue;
        ++ran;
        failed += run(test, module) ? 0 : 1;
    }
    log::info("relocations", "{} functions run, {} failed", ran, failed);
    return failed == 0 ? 0 : -static_cast<int>(Errno::inval);
}

void stop() {}

}  // namespace

module_init(start);
module_exit(stop);
module_param(outside, ulong, 0);
module_param(function, ulong, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: runs a function for every relocation type");
