// A parameter of every kind that can be written while the module is used. Between them stand words that no value may change:
// `cat parameters/intact` says whether that is so.

#include <tenon/module.h>

using namespace tenon;

namespace {

class Fence {
public:
    bool intact() const { return word_ == value; }

private:
    static constexpr u64 value = 0x5afe'ba55'5afe'ba55;
    volatile u64 word_ = value;
};

// In the order of the memory, a fence on each side of each.
struct Values {
    Fence before;
    unsigned char byte_value = 1;
    Fence after_byte;
    short short_value = -2;
    Fence after_short;
    unsigned short ushort_value = 3;
    Fence after_ushort;
    int int_value = -4;
    Fence after_int;
    unsigned uint_value = 5;
    Fence after_uint;
    long long_value = -6;
    Fence after_long;
    unsigned long ulong_value = 7;
    Fence after_ulong;
    unsigned long long ullong_value = 8;
    Fence after_ullong;
    unsigned hexint_value = 9;
    Fence after_hexint;
    bool bool_value = true;
    Fence after_bool;
    bool invbool_value = false;
    Fence after_invbool;
    const char* charp_value = "ten";
    Fence after_charp;
    char string_value[12] = "eleven";
    Fence after_string;
    short shorts[3] = {12, 13, 14};
    u32 shorts_given = 3;
    Fence after_shorts;
    const char* charps[2] = {"fifteen", "sixteen"};
    u32 charps_given = 2;
    Fence after_charps;
};
constinit Values values;

bool all_intact()
{
    for (const Fence* fence : {&values.before, &values.after_byte, &values.after_short, &values.after_ushort, &values.after_int,
                               &values.after_uint, &values.after_long, &values.after_ulong, &values.after_ullong, &values.after_hexint,
                               &values.after_bool, &values.after_invbool, &values.after_charp, &values.after_string, &values.after_shorts,
                               &values.after_charps})
        if (!fence->intact())
            return false;
    return true;
}

void print_intact(const Parameter&, TextSink& out)
{
    format_to(out, "{}", all_intact() ? "yes" : "no");
}

constexpr ParameterOperations intact_operations = {nullptr, print_intact};

}  // namespace

module_param_named(byte, values.byte_value, byte, 0644);
module_param_named(short, values.short_value, short, 0644);
module_param_named(ushort, values.ushort_value, ushort, 0644);
module_param_named(int, values.int_value, int, 0644);
module_param_named(uint, values.uint_value, uint, 0644);
module_param_named(long, values.long_value, long, 0644);
module_param_named(ulong, values.ulong_value, ulong, 0644);
module_param_named(ullong, values.ullong_value, ullong, 0644);
module_param_named(hexint, values.hexint_value, hexint, 0644);
module_param_named(bool, values.bool_value, bool, 0644);
module_param_named(invbool, values.invbool_value, invbool, 0644);
module_param_named(charp, values.charp_value, charp, 0644);
module_param_string(string, values.string_value, 0644);
module_param_array_named(shorts, values.shorts, short, &values.shorts_given, 0644);
module_param_array_named(charps, values.charps, charp, &values.charps_given, 0644);
module_param_custom(intact, intact_operations, values, "text", 0444);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: a parameter of every kind, with fences between them");
