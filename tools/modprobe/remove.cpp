#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tools/lib/file.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/module_command.h"
#include "tools/lib/syscalls.h"
#include "tools/lib/words.h"
#include "tools/modprobe/modprobe.h"

namespace tenon::tools::modprobe {

namespace {

class Remover {
public:
    Remover(const Request& request, Catalog& catalog) : request_(request), catalog_(catalog) {}

    bool remove(const std::string& argument)
    {
        const auto found = catalog_.lookup(argument);
        if (!found || found->modules.empty()) {
            complain(print("Module %s not found.", argument.c_str()));
            return false;
        }
        const auto holders = request_.remove_holders ? Holders::remove : Holders::keep;
        return std::all_of(found->modules.begin(), found->modules.end(),
                           [&](Module* module) { return remove(*module, holders, Builtin::error); });
    }

    // A fatal message was printed: as with kmod, arguments that follow are left alone.
    bool gave_up() const { return gave_up_; }

private:
    enum class Holders { keep, remove };
    enum class Builtin { error, ignore };

    void complain(const std::string& text)
    {
        message(request_.complaint(), "%s", text.c_str());
        gave_up_ = gave_up_ || (request_.complaint() == Severity::fatal && threshold() >= Severity::fatal);
    }

    bool remove(Module& module, Holders holders, Builtin builtin)
    {
        // A soft dependency may lead back here.
        if (std::find(in_progress_.begin(), in_progress_.end(), &module) != in_progress_.end())
            return true;
        in_progress_.push_back(&module);
        const bool success = remove_with_dependencies(module, holders, builtin);
        in_progress_.pop_back();
        return success;
    }

    bool remove_with_dependencies(Module& module, Holders holders, Builtin builtin)
    {
        Catalog::Softdeps softdeps;
        const ConfigCommand* command = nullptr;
        if (!request_.probe.ignore_command) {
            softdeps = catalog_.softdeps(module);
            command = Config::command_for(catalog_.config().remove_commands, module.name);
        }
        if (command == nullptr) {
            if (catalog_.is_builtin(module)) {
                if (builtin == Builtin::error)
                    complain(print("Module %s is builtin.", module.name.c_str()));
                return builtin == Builtin::ignore;
            }
            if (!sees_loaded_modules())
                return false;
            if (!init_state(module.name)) {
                if (request_.first_time)
                    complain(print("Module %s is not in kernel.", module.name.c_str()));
                return !request_.first_time;
            }
        }
        remove_softdeps(softdeps.after);
        if (holders == Holders::remove && !remove_holders(module))
            return false;
        if (!remove_itself(module, command))
            return false;
        if (command == nullptr)
            remove_unused(module.needed);
        remove_softdeps(softdeps.before);
        return true;
    }

    // What one pass leaves because another of them used it may be free in the next.
    void remove_unused(std::vector<Module*> modules)
    {
        const auto remove_if_unused = [&](const Module* module) {
            if (reference_count(module->name) != Result<long>(0))
                return false;
            remove_from_kernel(*module);
            return true;
        };
        while (std::erase_if(modules, remove_if_unused) > 0) {
        }
    }

    // One that stays is no failure.
    void remove_softdeps(const std::vector<Module*>& modules)
    {
        const bool gave_up = gave_up_;
        for (auto module = modules.rbegin(); module != modules.rend(); ++module)
            remove(**module, Holders::keep, Builtin::ignore);
        gave_up_ = gave_up;
    }

    bool remove_holders(const Module& module)
    {
        auto names = tools::holders(module.name);
        return std::all_of(names.rbegin(), names.rend(), [&](const std::string& name) {
            const auto found = catalog_.lookup(name);
            return found && std::all_of(found->modules.begin(), found->modules.end(), [&](Module* holder) {
                       return remove(*holder, Holders::remove, Builtin::ignore);
                   });
        });
    }

    bool remove_itself(const Module& module, const ConfigCommand* command)
    {
        if (command == nullptr) {
            if (request_.wait_milliseconds == 0 && reference_count(module.name).value_or(0) > 0) {
                const auto what = uses(module.name);
                complain(print("Module %s is in use%s%s.", module.name.c_str(), what.empty() ? "" : ": ", joined(what, "; ").c_str()));
                return false;
            }
            return remove_from_kernel(module);
        }
        if (request_.prints_actions())
            std::printf("remove %s\n", expanded_command(command->command, {}).c_str());
        if (request_.probe.dry_run || run_module_command("remove", command->command, module.name, {}) == Result<int>(0))
            return true;
        complain(print("Error running remove command for %s", module.name.c_str()));
        return false;
    }

    bool remove_from_kernel(const Module& module)
    {
        if (request_.prints_actions())
            std::printf("rmmod %s\n", module.name.c_str());
        if (request_.probe.dry_run)
            return true;
        const auto force = request_.probe.force.any() ? Force::yes : Force::no;
        const auto result = delete_waiting(module.name, force);
        if (result)
            return true;
        if (result.error() == Errno::noent) {  // somebody else was faster
            if (request_.first_time)
                complain(print("Module %s is not in kernel.", module.name.c_str()));
            return !request_.first_time;
        }
        message(Severity::error, "could not remove '%s': %s", module.name.c_str(), error_text(result.error()));
        return false;
    }

    // Tries again with growing pauses as long as the module is busy and time is left.
    Result<> delete_waiting(const std::string& name, Force force)
    {
        using Clock = std::chrono::steady_clock;
        using std::chrono::milliseconds;
        constexpr auto longest = unsigned{24} * 60 * 60 * 1000;  // a day: more must not overflow the clock
        const auto allowed = std::min(request_.wait_milliseconds, static_cast<unsigned long>(longest));
        const auto end = Clock::now() + milliseconds(allowed);
        for (auto pause = milliseconds(1);; pause = std::min(pause * 2, milliseconds(1000))) {
            const auto result = delete_module(name, force);
            const auto left = end - Clock::now();
            if (result || result.error() != Errno::again || left <= Clock::duration::zero())
                return result;
            std::this_thread::sleep_for(std::min<Clock::duration>(pause, left));
        }
    }

    const Request& request_;
    Catalog& catalog_;
    std::vector<Module*> in_progress_;
    bool gave_up_ = false;
};

}  // namespace

bool remove_modules(const Request& request, Catalog& catalog)
{
    Remover remover(request, catalog);
    bool success = true;
    for (const std::string& argument : request.arguments) {
        success = remover.remove(argument) && success;
        if (remover.gave_up())
            break;
    }
    return success;
}

}  // namespace tenon::tools::modprobe
