// Who holds a module, in words.

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

#include "module/registry/module.h"

namespace tenon::modreg {
namespace {

constinit std::atomic<u64> last_sequence{0};

std::string_view word_of(HolderKind kind)
{
    switch (kind) {
    case HolderKind::module: return "module";
    case HolderKind::mount: return "mount";
    case HolderKind::open_file: return "open-file";
    case HolderKind::disk: return "disk";
    case HolderKind::other: break;
    }
    return "other";
}

// A line each, whatever people call their programs and mount.
void write_printable(TextSink& out, std::string_view text)
{
    for (const char character : text)
        out.write(static_cast<unsigned char>(character) < ' ' || character == '\x7f' ? "?" : std::string_view(&character, 1));
}

}  // namespace

Result<Holder*> Module::name_reference(HolderKind kind, std::string_view subject)
{
    auto* const holder = new (std::nothrow) Holder;
    if (holder == nullptr)
        return fail(Errno::nomem);
    holder->module = this;
    holder->use.kind = kind;
    write_printable(holder->use.subject, subject);
    const LockGuard guard(holders_lock_);
    holder->sequence = last_sequence.fetch_add(1, std::memory_order_relaxed) + 1;
    holders_.push_back(*holder);
    return holder;
}

void Module::put_reference(Holder* holder)
{
    {
        const LockGuard guard(holders_lock_);
        holders_.erase(holders_.iterator_to(*holder));
    }
    delete holder;
    put_reference();
}

// Copied in small parts, so that the lock, which keeps interrupts off, is held for a short time whatever `most` is.
void Module::write_holders(TextSink& out, std::string_view separator, u32 most) const
{
    std::array<Use, 8> uses;
    u64 last = 0;
    u32 written = 0;
    u32 unnamed = 0;
    for (bool more = true; more;) {
        u32 count = 0;
        {
            const LockGuard guard(holders_lock_);
            auto next = std::find_if(holders_.begin(), holders_.end(), [&](const Holder& holder) { return holder.sequence > last; });
            for (; next != holders_.end() && count < uses.size() && written + count < most; ++next) {
                uses[count++] = next->use;
                last = next->sequence;
            }
            more = next != holders_.end() && written + count < most;
            const u32 all = references();
            unnamed = all - std::min(all, written + count);
        }
        for (u32 index = 0; index < count; ++index)
            format_to(out, "{}{} {}", written++ == 0 ? "" : separator, word_of(uses[index].kind), uses[index].subject.view());
    }
    if (unnamed != 0)
        format_to(out, "{}{} {}", written == 0 ? "" : separator, unnamed, written == 0 ? "references without a name" : "more");
}

}  // namespace tenon::modreg
