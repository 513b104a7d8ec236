#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/fs/open_file.h"
#include "kernel/fs/pseudo/node.h"
#include "kernel/lib/growing_text.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/proc/credentials.h"

namespace tenon::pseudo {
namespace {

// The text as it was when the reader last stood at the start of the file.
class OpenTextFile : public FileOperations {
public:
    explicit OpenTextFile(TextFile& file) : file_(&file) {}

    // As the opener may see it.
    virtual Result<> generate(TextSink& out) { return file_->generate(out); }

    Result<usize> read(std::span<std::byte> out, u64 offset, u32) override
    {
        const auto guard = TRY(KillableLockGuard::take(mutex_));
        if (offset == 0 || !generated_) {
            TRY(memory_limits::require_user_page());
            text_.clear();
            const auto made = generate(text_);
            charge_.set(text_.capacity());
            TRY(made);
            if (text_.truncated())
                return fail(Errno::nomem);
            generated_ = true;
        }
        const std::string_view text = text_.view();
        if (offset >= text.size())
            return usize{0};
        const usize count = std::min<usize>(out.size(), text.size() - static_cast<usize>(offset));
        std::memcpy(out.data(), text.data() + offset, count);
        return count;
    }

    Result<usize> write(std::span<const std::byte> data, u64, u32) override
    {
        TRY(file_->store({reinterpret_cast<const char*>(data.data()), data.size()}));
        return data.size();
    }

    bool is_seekable() const override { return true; }

private:
    Ref<TextFile> file_;
    Mutex mutex_;
    GrowingText text_;        // protected by mutex_
    bool generated_ = false;  // protected by mutex_
    ledger::Charge charge_{ledger::Kind::texts};  // protected by mutex_
};

class OpenAddressFile final : public OpenTextFile {
public:
    explicit OpenAddressFile(AddressFile& file)
        : OpenTextFile(file), file_(file), addresses_(capable(Capability::syslog) ? Addresses::shown : Addresses::hidden)
    {
    }
    Result<> generate(TextSink& out) override { return file_.generate(out, addresses_); }

private:
    AddressFile& file_;  // the base holds it
    const Addresses addresses_;
};

template <typename Opened, typename File>
Result<std::unique_ptr<FileOperations>> open_text(File& file, u32 flags)
{
    constexpr u32 any_write = 0222;
    if ((flags & open_flag::access_mask) != open_flag::read_only && (file.attributes().mode & any_write) == 0)
        return fail(Errno::acces);
    std::unique_ptr<FileOperations> operations(new (std::nothrow) Opened(file));
    if (!operations)
        return fail(Errno::nomem);
    return operations;
}

class AddressFunctionFile final : public AddressFile {
public:
    using Generate = void (*)(TextSink& out, Addresses addresses);
    AddressFunctionFile(Tree& tree, u32 permissions, Generate generator) : AddressFile(tree, permissions), generate_(generator) {}
    Result<> generate(TextSink& out, Addresses addresses) override
    {
        generate_(out, addresses);
        return {};
    }

private:
    Generate generate_;
};

}  // namespace

Result<> TextFile::store(std::string_view)
{
    return fail(Errno::acces);
}

Result<std::unique_ptr<FileOperations>> TextFile::open(u32 flags)
{
    return open_text<OpenTextFile>(*this, flags);
}

Result<std::unique_ptr<FileOperations>> AddressFile::open(u32 flags)
{
    return open_text<OpenAddressFile>(*this, flags);
}

Result<> Directory::add_address_file(std::string_view name, u32 permissions, void (*generate)(TextSink& out, Addresses addresses))
{
    Ref<Inode> file = adopt_ref<Inode>(new (std::nothrow) AddressFunctionFile(tree(), permissions, generate));
    return file ? add(name, std::move(file)) : fail(Errno::nomem);
}

Result<> FunctionFile::generate(TextSink& out)
{
    if (generate_ == nullptr)
        return fail(Errno::acces);
    generate_(out);
    return {};
}

Result<> FunctionFile::store(std::string_view text)
{
    if (store_ == nullptr)
        return fail(Errno::acces);
    return store_(text);
}

}  // namespace tenon::pseudo
