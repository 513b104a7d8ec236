#pragma once

#include <vector>

#include "tests/differential/random/random.h"
#include "tests/differential/random/sample.h"
#include "tests/support/object_builder.h"

namespace tenon::test {

// Sections of every region with room for relocations, filled with what the types at the places apply to.
class SectionMaker {
public:
    SectionMaker(elf::Machine machine, Judge judge, Random& random);

    // Adds sections to the object; the places that it chose go to `sites`, without symbol and addend.
    void add_to(ObjectBuilder& builder, Sample& sample);

private:
    struct Variety {
        std::string_view name;
        u64 flags;
        elf::SectionType type = elf::SectionType::progbits;
        bool init = false;
    };

    void add_one(ObjectBuilder& builder, Sample& sample, const Variety& variety);
    u64 size_for(const Variety& variety);
    void fill(std::vector<std::byte>& bytes, const Variety& variety, u32 section, Sample& sample);
    bool applies(const Kind& kind, const Variety& variety) const;
    u64 write_around(std::vector<std::byte>& bytes, u64 offset, const Kind& kind, bool executable);

    static const std::array<Variety, 12> varieties;

    elf::Machine machine_;
    Judge judge_;
    Random& random_;
    bool with_got_;
    bool got_in_init_;
    bool many_entries_;  // of the GOT
    unsigned density_;   // of relocations
    std::vector<const Kind*> kinds_;
};

}  // namespace tenon::test
