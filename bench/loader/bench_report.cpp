// bench_report LINUX_LOG TENON_LOG MARKDOWN SVG: sets the figures of two runs of bench/loader/measure side by side. A figure with
// several rounds counts with its median. Prints the table too, then what Tenon promises, and fails when a promise is not kept.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Figures = std::map<std::string, double>;  // "kind name" -> median

struct Row {
    std::string key;
    std::string title;
};

const std::vector<Row> rows{
    {"init tiny", "init_module, tiny (1 function)"},
    {"init mid", "init_module, mid (200 functions)"},
    {"init big", "init_module, big (4000 functions)"},
    {"init tinyfull", "init_module, tiny, 10,000 other exports loaded"},
    {"finitzst mid", "finit_module, mid, zstd"},
    {"finitzst big", "finit_module, big, zstd"},
    {"unpack mid", "libzstd alone, mid"},
    {"unpack big", "libzstd alone, big"},
    {"delete tiny", "delete_module, tiny"},
    {"delete mid", "delete_module, mid"},
    {"delete big", "delete_module, big"},
    {"call getppid", "getppid"},
    {"memory t", "memory per tiny module (bytes)"},
};

Figures read_figures(const char* path)
{
    std::ifstream log(path);
    if (!log)
        throw std::runtime_error(std::string("cannot read ") + path);
    Figures figures;
    for (std::string line; std::getline(log, line);) {
        std::istringstream fields(line);
        std::string word, kind, name;
        if (!(fields >> word >> kind >> name) || word != "bench")
            continue;
        std::vector<double> values;
        for (double value = 0; fields >> value;)
            values.push_back(value);
        if (values.empty())
            continue;
        std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
        figures[kind + " " + name] = values[values.size() / 2];
    }
    return figures;
}

std::optional<double> figure(const Figures& figures, const std::string& key)
{
    const auto found = figures.find(key);
    return found == figures.end() ? std::nullopt : std::optional(found->second);
}

std::string with_separators(std::optional<double> value)
{
    if (!value)
        return "-";
    std::string digits = std::to_string(std::llround(*value));
    for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string ratio(std::optional<double> ours, std::optional<double> theirs)
{
    if (!ours || !theirs || *theirs <= 0)
        return "-";
    std::ostringstream text;
    text.precision(3);
    text << *ours / *theirs;
    return text.str();
}

std::string markdown(const Figures& linux_figures, const Figures& tenon)
{
    std::ostringstream out;
    out << "| guest instructions | Linux | Tenon | Tenon / Linux |\n|---|---:|---:|---:|\n";
    for (const Row& row : rows) {
        const auto theirs = figure(linux_figures, row.key);
        const auto ours = figure(tenon, row.key);
        if (theirs || ours)
            out << "| " << row.title << " | " << with_separators(theirs) << " | " << with_separators(ours) << " | "
                << ratio(ours, theirs) << " |\n";
    }
    out << "\nWhile Linux waits in delete_module, its clock goes on: those figures are time rather than work.\n";
    return out.str();
}

struct Promise {
    std::string title;
    double value;
    double limit;
};

// What each row cost when it was last found good; 3 % more is too much.
const std::map<std::string, double> reference{
    {"init tiny", 14'208},  {"init mid", 112'176},   {"init big", 1'839'024}, {"delete tiny", 2'848},
    {"delete mid", 39'744}, {"delete big", 715'536}, {"call getppid", 158},   {"memory t", 1'679},
};

// A zstd module may cost a tenth of the plain load more than decompressing and loading it; other modules' exports next to nothing.
std::vector<Promise> promises(const Figures& tenon)
{
    std::vector<Promise> list{{"tiny beside 10,000 exports", tenon.at("init tinyfull"), tenon.at("init tiny") * 1.05}};
    for (const Row& row : rows)
        if (const auto good = reference.find(row.key); good != reference.end())
            list.push_back({row.title, tenon.at(row.key), good->second * 1.03});
    for (const std::string name : {"mid", "big"})
        list.push_back({name + " in zstd", tenon.at("finitzst " + name),
                        tenon.at("unpack " + name) + 1.1 * tenon.at("init " + name)});
    return list;
}

// Whether all are kept; prints each.
bool report_promises(const Figures& tenon)
{
    bool kept = true;
    for (const Promise& promise : promises(tenon)) {
        const bool good = promise.value <= promise.limit;
        kept &= good;
        std::cout << (good ? "kept    " : "MISSED  ") << promise.title << ": " << with_separators(promise.value) << " of "
                  << with_separators(promise.limit) << '\n';
    }
    return kept;
}

// Horizontal bars on a logarithmic axis, one pair per row.
std::string chart(const Figures& linux_figures, const Figures& tenon)
{
    constexpr int left = 330, width = 460, bar = 14, step = 44;
    constexpr double lowest = 10, highest = 1e9;
    const auto length = [&](double value) {
        return std::clamp(std::log10(value / lowest) / std::log10(highest / lowest), 0.0, 1.0) * width;
    };
    std::ostringstream body;
    int y = 50;
    for (const Row& row : rows) {
        const auto theirs = figure(linux_figures, row.key);
        const auto ours = figure(tenon, row.key);
        if (!theirs && !ours)
            continue;
        body << "<text x='" << left - 10 << "' y='" << y + bar + 4 << "' text-anchor='end'>" << row.title << "</text>\n";
        const auto draw = [&](std::optional<double> value, int top, const char* colour) {
            if (!value)
                return;
            body << "<rect x='" << left << "' y='" << top << "' width='" << length(*value) << "' height='" << bar
                 << "' fill='" << colour << "'/><text x='" << left + length(*value) + 6 << "' y='" << top + 11 << "'>"
                 << with_separators(value) << "</text>\n";
        };
        draw(theirs, y, "#9aa5b1");
        draw(ours, y + bar + 2, "#2266aa");
        y += step;
    }
    std::ostringstream out;
    out << "<svg xmlns='http://www.w3.org/2000/svg' width='" << left + width + 130 << "' height='" << y + 10
        << "' font-family='sans-serif' font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n"
        << "<text x='20' y='24' font-size='15'>Module loading in guest instructions, logarithmic: "
           "<tspan fill='#6b7680'>Linux</tspan> and <tspan fill='#2266aa'>Tenon</tspan></text>\n"
        << body.str() << "</svg>\n";
    return out.str();
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 5) {
        std::fprintf(stderr, "usage: bench_report LINUX_LOG TENON_LOG MARKDOWN SVG\n");
        return 2;
    }
    try {
        const Figures linux_figures = read_figures(argv[1]);
        const Figures tenon = read_figures(argv[2]);
        const std::string table = markdown(linux_figures, tenon);
        std::ofstream(argv[3]) << table;
        std::ofstream(argv[4]) << chart(linux_figures, tenon);
        std::cout << table << '\n';
        return report_promises(tenon) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_report: %s\n", error.what());
        return 1;
    }
}
