#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "tests/differential/compare.h"
#include "tests/differential/random/checks.h"

namespace tenon::test {
namespace {

// Where the other linkers keep to other ranges than the psABI's.
enum class Stricter : u8 { here, there };

struct Exception {
    Judge judge;
    u32 type;
    Stricter stricter;
    i64 minimum;  // of X
    i64 maximum;
};
constexpr i64 two_31 = i64{1} << 31, two_32 = i64{1} << 32;
constexpr Exception exceptions[] = {
    // AAELF64 lets both ABS and PREL be signed or unsigned; GNU ld takes ABS as unsigned, PREL as signed.
    {Judge::gnu, 258, Stricter::there, -two_31, -1},
    {Judge::gnu, 259, Stricter::there, -0x8000, -1},
    {Judge::gnu, 261, Stricter::there, two_31, two_32 - 1},
    {Judge::gnu, 262, Stricter::there, 0x8000, 0xffff},
    // GNU ld looks only whether the bits that are cut off are equal.
    {Judge::gnu, 12, Stricter::here, -0x10000, -0x8001},
    {Judge::gnu, 13, Stricter::here, -0x10000, 0xffff},
    {Judge::gnu, 14, Stricter::here, -0x100, -0x81},
    {Judge::gnu, 15, Stricter::here, -0x100, 0xff},
    // Loads from the GOT that both make direct before they know whether the address fits.
    {Judge::gnu, 9, Stricter::there, INT64_MIN, INT64_MAX},
    {Judge::gnu, 41, Stricter::there, INT64_MIN, INT64_MAX},
    {Judge::gnu, 42, Stricter::there, INT64_MIN, INT64_MAX},
    {Judge::lld, 41, Stricter::there, INT64_MIN, INT64_MAX},
    {Judge::lld, 42, Stricter::there, INT64_MIN, INT64_MAX},
    // R_X86_64_SIZE32 zero-extends; lld wants it to sign-extend.
    {Judge::lld, 32, Stricter::there, two_31, two_32 - 1},
    {Judge::lld, 32, Stricter::here, -two_31, -1},
};

// GNU ld drops the bits below the field; lld does for branches.
bool drops_low_bits(Judge judge, const Site& site)
{
    const bool is_misaligned = site.value % site.kind->scale != 0;
    return is_misaligned && (judge == Judge::gnu || site.kind->type == 279);
}

bool is_exception(Judge judge, const Site& site, Stricter stricter)
{
    if (stricter == Stricter::here && drops_low_bits(judge, site))
        return true;
    return std::any_of(std::begin(exceptions), std::end(exceptions), [&](const Exception& entry) {
        const i64 value = static_cast<i64>(site.value);
        return entry.judge == judge && entry.type == site.kind->type && entry.stricter == stricter && value >= entry.minimum &&
               value <= entry.maximum;
    });
}

const Site* site_at(const Sample& sample, const Place& place)
{
    const auto site = std::find_if(sample.sites.begin(), sample.sites.end(),
                                   [&](const Site& entry) { return entry.section == place.section && entry.offset == place.offset; });
    return site != sample.sites.end() ? &*site : nullptr;
}

std::string describe(const Sample& sample, const Place& place)
{
    std::ostringstream text;
    text << (sample.judge == Judge::gnu ? "GNU " : "lld ") << (sample.machine == elf::Machine::aarch64 ? "arm64 " : "x86 ");
    text << sample.section_names[place.section] << "+0x" << std::hex << place.offset;
    if (const Site* const site = site_at(sample, place))
        text << " (type " << std::dec << site->kind->type << ", symbol " << site->symbol << ", addend 0x" << std::hex << site->addend
             << ", value 0x" << site->value << ")";
    return text.str();
}

// The relocations around "section+0xoffset".
std::string describe_difference(const Sample& sample, std::string_view difference)
{
    std::string text;
    for (const Site& site : sample.sites) {
        const usize plus = difference.find("+0x");
        if (plus == std::string_view::npos || sample.section_names[site.section] != difference.substr(0, plus))
            continue;
        const u64 offset = std::strtoull(difference.data() + plus + 3, nullptr, 16);
        if (site.offset + site.kind->width > offset && site.offset < offset + 8)
            text += "\n  " + describe(sample, {site.section, site.offset});
    }
    return text;
}

class Against {
public:
    Against(const OtherLinker& linker, const Sample& sample, Figures& figures) : linker_(linker), sample_(sample), figures_(figures) {}

    std::string run()
    {
        options_.report_all = true;
        const OurRefusals refused = our_refusals(sample_, ::modlink::link(sample_.object, options_).problems);
        if (!refused.error.empty())
            return refused.error;
        refused_ = refused.places;
        figures_.refused += refused_.size();
        std::string fault;
        while (!is_compared_ && fault.empty())
            fault = compare_without_refused();
        return fault.empty() && ours_.ok() && !refused_.empty() ? look_for_refused() : fault;
    }

private:
    // Compares what both accept. When the other one refuses more, takes that away, or says that it has no right to.
    std::string compare_without_refused()
    {
        Places removed = refused_;
        removed.insert(refused_there_.begin(), refused_there_.end());
        const std::vector<std::byte> object = without(sample_, removed);
        ours_ = ::modlink::link(object, options_);
        is_compared_ = !stands_as_planned(sample_, ours_);
        if (is_compared_)
            return {};
        if (!ours_.ok())
            return "refused without the places refused: " + (ours_.problems.empty() ? std::to_string(ours_.error) : ours_.problems[0]);
        const OtherLinker::Linked theirs = linker_.link(object, ours_);
        if (!theirs.error.empty())
            return excuse(theirs.error);
        is_compared_ = true;
        const Comparison comparison = compare(object, ours_, theirs);
        figures_.bytes += comparison.bytes;
        for (const unsigned count : comparison.explained)
            figures_.explained += count;
        if (comparison.difference.empty())
            return {};
        return comparison.difference + describe_difference(sample_, comparison.difference);
    }

    std::string excuse(const std::string& error)
    {
        const usize before = refused_there_.size();
        for (Place place : their_refusals(error)) {
            const Site* site = site_at(sample_, place);
            // GNU ld has moved the place of a JMP by then.
            if (site == nullptr && sample_.judge == Judge::gnu && (site = site_at(sample_, {place.section, place.offset + 1})) != nullptr)
                ++place.offset;
            if (site == nullptr || !is_exception(sample_.judge, *site, Stricter::there))
                return "refused there alone: " + describe(sample_, place);
            refused_there_.insert(place);
        }
        return refused_there_.size() != before ? std::string() : error.substr(0, 600);
    }

    // Whether the other linker refuses what we do. Without what it refuses alone, as GNU ld looks no farther after some of that.
    std::string look_for_refused() const
    {
        const Places theirs = their_refusals(linker_.complaints(without(sample_, refused_there_), ours_));
        for (const Place& place : refused_)
            if (!theirs.contains(place) && !is_exception(sample_.judge, *site_at(sample_, place), Stricter::here))
                return "refused here alone: " + describe(sample_, place);
        return {};
    }

    const OtherLinker& linker_;
    const Sample& sample_;
    Figures& figures_;
    ::modlink::Options options_ = sample_.options();
    Places refused_;        // here
    Places refused_there_;  // and not here
    ::modlink::Output ours_;
    bool is_compared_ = false;
};

}  // namespace

std::string check_against(const OtherLinker& linker, const Sample& sample, Figures& figures)
{
    return Against(linker, sample, figures).run();
}

}  // namespace tenon::test
