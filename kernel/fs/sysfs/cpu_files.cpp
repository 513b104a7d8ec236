#include "kernel/fs/sysfs/cpu_files.h"

#include <new>

#include "kernel/arch.h"
#include "kernel/fs/sysfs/sysfs.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/thread/scheduler.h"

namespace tenon::sysfs {
namespace {

constexpr u32 readable = 0444;

// A list of the first `count` processors: "0-3".
void print_list(TextSink& out, unsigned count)
{
    if (count > 1)
        format_to(out, "0-{}\n", count - 1);
    else
        out.write("0\n");
}

// What does not change about one processor.
class ConstantFile final : public pseudo::TextFile {
public:
    using Text = FixedText<24>;
    explicit ConstantFile(const Text& text) : TextFile(sysfs::tree(), readable), text_(text) {}

    Result<> generate(TextSink& out) override
    {
        out.write(text_.view());
        return {};
    }

private:
    Text text_;
};

Result<> add_constant(pseudo::Directory& folder, std::string_view name, const ConstantFile::Text& text)
{
    Ref<Inode> file = adopt_ref<Inode>(new (std::nothrow) ConstantFile(text));
    return file ? folder.add(name, std::move(file)) : fail(Errno::nomem);
}

// Every processor is a core of its own, of one package: nothing here treats them otherwise.
Result<> add_cpu(pseudo::Directory& cpus, unsigned index)
{
    using Text = ConstantFile::Text;
    auto folder = TRY(cpus.make_directory(FixedText<16>("cpu{}", index).view()));
    auto topology = TRY(folder->make_directory("topology"));
    TRY(add_constant(*topology, "core_id", Text("{}\n", index)));
    TRY(add_constant(*topology, "physical_package_id", Text("0\n")));
    TRY(add_constant(*topology, "thread_siblings", Text("{:x}\n", set_of_cpu(index))));
    TRY(add_constant(*topology, "thread_siblings_list", Text("{}\n", index)));
    return add_constant(*topology, "core_siblings", Text("{:x}\n", set_of_first_cpus(arch::present_cpus())));
}

}  // namespace

Result<> add_cpus()
{
    auto devices = TRY(root().make_directory("devices"));
    auto system = TRY(devices->make_directory("system"));
    auto cpus = TRY(system->make_directory("cpu"));
    TRY(cpus->add_file("possible", readable, [](TextSink& out) { print_list(out, arch::present_cpus()); }));
    TRY(cpus->add_file("present", readable, [](TextSink& out) { print_list(out, arch::present_cpus()); }));
    TRY(cpus->add_file("online", readable, [](TextSink& out) { print_list(out, scheduler::online_cpus()); }));
    TRY(cpus->add_file("kernel_max", readable, [](TextSink& out) { format_to(out, "{}\n", arch::max_cpus - 1); }));
    for (unsigned index = 0; index < arch::present_cpus(); ++index)
        TRY(add_cpu(*cpus, index));
    return {};
}

}  // namespace tenon::sysfs
