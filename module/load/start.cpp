#include "module/load/start.h"

#include <algorithm>
#include <memory>
#include <new>

#include "module/load/exceptions.h"
#include "module/registry/argument_parser.h"
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::modload {
namespace {

using modreg::Argument;
using modreg::Module;
using modreg::Registry;

std::unexpected<Errno> refuse_argument(const Argument& argument, Errno error, elf::Diagnostics& diagnostics)
{
    const std::string_view value = argument.value.value_or("");
    if (error == Errno::nospc)
        return diagnostics.fail(error, "'{}' too large for parameter '{}'", value, argument.name);
    return diagnostics.fail(error, "'{}' invalid for parameter '{}'", value, argument.name);
}

Result<> set_parameters(Module& module, std::string_view text, elf::Diagnostics& diagnostics)
{
    modreg::ArgumentParser parser(text);
    while (const auto argument = parser.next()) {
        TRY(diagnostics.pause_point());
        const Parameter* const parameter = module.parameters.find(argument->name);
        if (parameter == nullptr) {
            log::warning(module.name(), "unknown parameter '{}' ignored", argument->name);
            continue;
        }
        const Result<> result = module.parameters.set(*parameter, argument->value ? &*argument->value : nullptr);
        if (!result)
            return refuse_argument(*argument, result.error(), diagnostics);
    }
    return {};
}

Result<> run_constructors(const Module& module, const StartUp& start, elf::Diagnostics& diagnostics)
{
    for (void (*const constructor)() : start.constructors) {
        constructor();
        if (const auto refusal = module.refusal(); !refusal)
            return diagnostics.fail(refusal.error(), "a global object could not be set up: {}", refusal.error());
    }
    return {};
}

// Behind it are those that only steer how a system call ends: it would be made again, and again.
constexpr int last_errno = static_cast<int>(Errno::restart) - 1;

Result<> run_init(const Module& module, const StartUp& start, elf::Diagnostics& diagnostics)
{
    const int status = start.init == nullptr ? 0 : start.init();
    if (status > 0)
        log::warning(module.name(), "init returned {}, it should return 0 or a negative errno", status);
    if (status >= 0)
        return {};
    if (status < -last_errno)
        return diagnostics.fail(Errno::inval, "init failed: {} is no errno", status);
    const Errno error = static_cast<Errno>(-status);
    return diagnostics.fail(error, "init failed: {}", error);
}

bool has_init_regions(const modlink::Image& image)
{
    return std::any_of(modlink::all_regions.begin(), modlink::all_regions.end(),
                       [&](modlink::Region region) { return modlink::is_init(region) && image.block(region); });
}

Result<> run_code(Module& module, const StartUp& start, std::string_view arguments, elf::Diagnostics& diagnostics)
{
    TRY(set_parameters(module, arguments, diagnostics));
    TRY(run_constructors(module, start, diagnostics));
    return run_init(module, start, diagnostics);
}

}  // namespace

void release_memory(const Environment& environment, Module& module)
{
    environment.platform.wait_for_quiescence("removal", module.name());
    // With the registry's mutex, as below: whoever lists modules looks at the regions.
    environment.registry.with_modules([&](Registry::Modules&) { release_image(environment.platform, module); });
}

namespace {

// With no reference left and none to come.
void take_apart(const Environment& environment, Module& module)
{
    module.run_destructors();
    environment.registry.withdraw(module);
    release_memory(environment, module);
}

// A module whose start failed and which is in use, for a worker.
struct LeftBehind {
    const Environment& environment;
    Ref<Module> module;

    static void finish(void* argument)
    {
        const std::unique_ptr<LeftBehind> self(static_cast<LeftBehind*>(argument));
        static_cast<void>(self->environment.registry.retract(*self->module));  // nobody ends a worker
        take_apart(self->environment, *self->module);
        self->environment.registry.forget(*self->module);
    }
};

// Without memory the caller stays until there is some.
void leave_to_worker(const Environment& environment, Module& module)
{
    constexpr u64 pause = nanoseconds_per_second / 100;
    const Ref<Module> held(&module);
    for (;;) {
        std::unique_ptr<LeftBehind> left(new (std::nothrow) LeftBehind{environment, held});
        if (left && environment.platform.start_worker(LeftBehind::finish, left.get())) {
            static_cast<void>(left.release());
            return;
        }
        static_cast<void>(sleep_for(pause, Interruptible::no));
    }
}

}  // namespace

Started run_start(const Environment& environment, Module& module, const StartUp& start, std::string_view arguments,
                  elf::Diagnostics& diagnostics)
{
    Result<> result = run_code(module, start, arguments, diagnostics);
    environment.platform.note_return(module, "init");
    if (result)
        result = module.image.seal_ro_after_init();
    if (!result) {
        if (!environment.registry.retract(module)) {
            leave_to_worker(environment, module);
            return {result, true};
        }
        take_apart(environment, module);
        return {result};
    }
    if (!module.exceptions.empty()) [[unlikely]]
        drop_init_exceptions(environment.platform, module);
    if (has_init_regions(module.image)) {
        environment.platform.wait_for_quiescence("start", module.name());  // init may have shown its code to others
        environment.registry.with_modules([&](Registry::Modules&) { module.image.release_init(); });
    }
    // The last thing of all: from now on others may remove the module.
    environment.registry.set_live(module);
    return {};
}

}  // namespace tenon::modload
