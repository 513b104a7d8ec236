// What is written to parameters of every kind (tests/modules/parameters) is a value or is refused, and hits nothing else.
#include <ctime>
#include <string>

#include "tests/boot/programs/crowd.h"
#include "tests/boot/programs/module_calls.h"

namespace {

using namespace deeds;

constexpr const char* image_file = "/tests/modules/parameters.ko";
constexpr std::array parameters{"byte", "short", "ushort", "int", "uint", "long", "ulong", "ullong",
                                "hexint", "bool", "invbool", "charp", "string", "shorts", "charps"};

std::string path_of(std::string_view parameter)
{
    return "/sys/module/parameters/parameters/" + std::string(parameter);
}

std::string value_of(std::string_view parameter)
{
    return modules::contents(path_of(parameter).c_str());
}

// 0 or the errno; ENOENT when the module is not there.
int write_value(std::string_view parameter, const std::string& value)
{
    const int file = open(path_of(parameter).c_str(), O_WRONLY);
    if (file < 0)
        return errno;
    const ssize_t written = write(file, value.data(), value.size());
    const int error = written < 0 ? errno : 0;
    close(file);
    return error;
}

class Values {
public:
    explicit Values(unsigned seed) : seed_(seed) {}

    unsigned below(unsigned bound) { return static_cast<unsigned>(rand_r(&seed_)) % bound; }

    // Something near to a value, or far from any.
    std::string next()
    {
        static constexpr std::string_view starts[] = {"", "-", "+", "0x", "0X", " ", "-0", "y", "n", "on", "off", "\"", "256", "-129", "32768",
                                                      "65536", "4294967296", "-2147483649", "18446744073709551616", "9223372036854775808"};
        static constexpr std::string_view letters = "0123456789,,,--xXyYnN \t\n\"'\\=abcdef";
        std::string value(starts[below(std::size(starts))]);
        constexpr unsigned lengths[] = {1, 3, 20, 200, 1100, 4095, 4096, 9000};
        const bool any_byte = below(4) == 0;
        for (unsigned left = below(1 + lengths[below(std::size(lengths))]); left > 0; --left)
            value += any_byte ? static_cast<char>(below(256)) : letters[below(letters.size())];
        return value;
    }

private:
    unsigned seed_;
};

bool is_refusal(int error)
{
    return error == EINVAL || error == ERANGE || error == ENOSPC;
}

void odd_values()
{
    check((errno = modules::load_file(image_file)) == 0, "a load");
    Values values(1);
    unsigned taken = 0;
    unsigned refused = 0;
    for (unsigned round = 0; round < 3000 && failures == 0; ++round) {
        const char* const parameter = parameters[values.below(parameters.size())];
        const std::string before = value_of(parameter);
        const int error = write_value(parameter, values.next());
        ++(error == 0 ? taken : refused);
        check((errno = error) == 0 || is_refusal(error), parameter);
        check(error == 0 || value_of(parameter) == before, "what is refused changes nothing");
    }
    std::printf("%u taken, %u refused\n", taken, refused);
    check(taken > 100 && refused > 100, "both were tried");
    check(value_of("intact") == "yes\n", "no value is larger than its parameter");
    check((errno = modules::remove("parameters")) == 0, "a removal");
}

void writers_and_removals()
{
    const std::string image = modules::contents(image_file);
    Crowd writers;
    for (unsigned seed = 1; seed <= 6; ++seed)
        writers.add([values = Values(seed)]() mutable {
            const char* const parameter = parameters[values.below(parameters.size())];
            write_value(parameter, values.next());
            value_of(parameter);
        });
    int rounds = 0;
    for (const time_t end = time(nullptr) + 2; time(nullptr) < end && failures == 0; ++rounds) {
        check((errno = modules::load(image)) == 0, "a load");
        usleep(3000);
        check(value_of("intact") == "yes\n", "no value is larger than its parameter");
        check((errno = modules::remove("parameters")) == 0, "a removal");
    }
    std::printf("%d rounds\n", rounds);
}

constexpr Deed all[] = {
    {"odd-values", odd_values},
    {"writers-and-removals", writers_and_removals},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
