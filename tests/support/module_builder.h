#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/support/object_builder.h"
#include <tenon/module_header.h>

namespace tenon::test {

// A complete module for HostKernel, made to order: sound by default and without code that would run; each field of its header and each
// pointer of its tables can lead anywhere.
class ModuleBuilder {
public:
    explicit ModuleBuilder(std::string_view name = "crafted");

    enum class Part : u8 { header, modinfo, text, rodata, data, init_text, init_data, ro_after_init };
    static constexpr usize part_count = 8;

    struct Place {
        Part part;
        u64 offset = 0;
    };

    Place append(Part part, std::span<const std::byte> bytes, usize alignment = 8);
    Place append_text(Part part, std::string_view text);  // with its NUL
    template <typename T>
    Place append_object(Part part, const T& object)
    {
        return append(part, std::as_bytes(std::span(&object, 1)), alignof(T));
    }

    // Eight bytes at `from` that will hold the address of `to`.
    void point(Place from, Place to) { pointers_.push_back({from, to}); }
    static Place field(usize offset) { return {Part::header, offset}; }

    // Each call adds an entry to the table, which the header names; nothing else may be added to the part in between.
    Place add_export(Place name, Place value, Part part = Part::data);
    Place add_parameter(const Parameter& parameter, Place name, Place target, Part part = Part::rodata);

    ModuleHeader& header() { return header_; }
    // To add sections and symbols to, before build().
    ObjectBuilder& object() { return object_; }
    std::vector<std::byte> build();

private:
    struct Pointer {
        Place from;
        Place to;
    };

    ObjectBuilder object_{elf::Machine::x86_64};
    ModuleHeader header_{};
    std::array<std::vector<std::byte>, part_count> contents_;
    std::vector<Pointer> pointers_;
};

}  // namespace tenon::test
