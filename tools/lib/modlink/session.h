#pragma once

#include <cstring>
#include <map>
#include <span>
#include <vector>

#include <modlink/modlink.h>
#include "module/elf/diagnostics.h"
#include "module/elf/source.h"
#include "module/link/image.h"
#include "module/link/relocator.h"
#include "module/link/resolve.h"
#include "tools/lib/modlink/buffer_memory.h"

// One call of the library: the loader's phases with a program's memory, symbols and messages behind them.

namespace modlink {

// Keeps every reason.
class Collector final : public tenon::elf::Diagnostics {
public:
    explicit Collector(Output& output) : output_(output) {}
    void reason(std::string_view line) override { output_.problems.emplace_back(line); }
    void unresolved(std::string_view symbol) override { output_.unresolved.emplace_back(symbol); }

private:
    Output& output_;
};

// The bytes that are given, or a copy of them where they do not start at an address that the linker can read them from in place.
class AlignedBytes {
public:
    explicit AlignedBytes(std::span<const std::byte> bytes) : bytes_(bytes)
    {
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(tenon::u64) == 0)
            return;
        copy_.resize((bytes.size() + sizeof(tenon::u64) - 1) / sizeof(tenon::u64));
        std::memcpy(copy_.data(), bytes.data(), bytes.size());
        bytes_ = std::as_bytes(std::span(copy_)).first(bytes.size());
    }
    AlignedBytes(const AlignedBytes&) = delete;
    AlignedBytes& operator=(const AlignedBytes&) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }

private:
    std::vector<tenon::u64> copy_;
    std::span<const std::byte> bytes_;
};

// A file that can only be copied from, as user memory is.
class PiecewiseSource final : public tenon::elf::Source {
public:
    explicit PiecewiseSource(std::span<const std::byte> bytes) : source_(bytes) {}
    tenon::u64 size() const override { return source_.size(); }
    tenon::Result<> read(tenon::u64 offset, std::span<std::byte> into) override { return source_.read(offset, into); }

private:
    tenon::elf::MemorySource source_;
};

class FunctionResolver final : public tenon::modlink::SymbolResolver {
public:
    explicit FunctionResolver(const Options& options) : options_(options) {}
    tenon::Result<tenon::u64> resolve(std::string_view name, tenon::u32 hash) override;

private:
    const Options& options_;
};

class Session {
public:
    Session(std::span<const std::byte> object, const Options& options)
        : options_(options), collector_(output_), object_(object), contiguous_(object_.bytes()), pieces_(object_.bytes()),
          memory_(options, collector_)
    {
    }

    Output layout();
    Output link();

private:
    tenon::elf::Source& source();
    tenon::Result<> plan();
    tenon::Result<> place_and_relocate();
    void describe_layout();
    void describe_image();
    void describe_symbols(const tenon::modlink::BoundSymbols& symbols);
    Output finish(tenon::Result<> result);

    const Options& options_;
    Output output_;
    Collector collector_;
    AlignedBytes object_;
    tenon::elf::MemorySource contiguous_;
    PiecewiseSource pieces_;
    BufferMemory memory_;
    const tenon::modlink::Relocator* relocator_ = nullptr;
    std::optional<tenon::elf::ObjectView> view_;
    std::optional<tenon::modlink::Layout> layout_;
    tenon::modlink::Image image_;
};

}  // namespace modlink
