// missing_symbols MODULE...: what each module would need besides printk, and how much memory it would take. Build it with
//     make libmodlink && g++ -std=c++20 -Iinclude docs/examples/missing_symbols.cpp build/libmodlink.a -o missing_symbols

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <modlink/modlink.h>

int main(int count, char** arguments)
{
    modlink::Options options;
    options.resolve = [](std::string_view name) -> std::optional<std::uint64_t> {
        if (name == "printk")
            return 0xffff800008001000;
        return std::nullopt;
    };
    for (int index = 1; index < count; ++index) {
        std::ifstream file(arguments[index], std::ios::binary);
        const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
        const modlink::Output output = modlink::link(std::as_bytes(std::span(bytes)), options);
        std::uint64_t size = 0;
        for (const modlink::Region& region : output.regions)
            size += region.size;
        std::printf("%s: %llu bytes of memory, %zu symbols missing\n", arguments[index], static_cast<unsigned long long>(size),
                    output.unresolved.size());
        for (const std::string& problem : output.problems)
            std::printf("  %s\n", problem.c_str());
        for (const std::string& symbol : output.unresolved)
            std::printf("  needs %s\n", symbol.c_str());
    }
}
