// depmod: reads all modules of a release and writes what modprobe needs to know about them.

#include "tools/depmod/depmod.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/depmod/progress_line.h"
#include "tools/lib/config_files.h"
#include "tools/lib/depmod/cycles.h"
#include "tools/lib/depmod/dependency.h"
#include "tools/lib/depmod/index_files.h"
#include "tools/lib/depmod/module_reader.h"
#include "tools/lib/depmod/output_folder.h"
#include "tools/lib/depmod/symbol_files.h"
#include "tools/lib/depmod/tree_scan.h"
#include "tools/lib/file.h"
#include "tools/lib/helper_thread.h"
#include "tools/lib/json.h"
#include "tools/lib/messages.h"

namespace tenon::tools::depmod {

namespace {

unsigned usable_processors()
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return static_cast<unsigned>(std::clamp(CPU_COUNT(&set), 1, 16));
}

class Run {
public:
    explicit Run(const Request& request) : request_(request), directory_(request.directory()), exports_(std::size_t{1} << 15)
    {
    }

    bool perform()
    {
        if (!read_kernel_symbols() || !find_modules())
            return false;
        read_modules();
        return resolve() && put_out();
    }

private:
    bool read_kernel_symbols()
    {
        const bool versions = !request_.symbol_versions.empty();
        if (versions && !request_.system_map.empty())
            message(Severity::warning, "-F %s is ignored because of -E", request_.system_map.c_str());
        resolve_options_.report_unknown = request_.report_unknown;
        resolve_options_.check_versions = versions;
        resolve_options_.tell_each = is_verbose();
        const std::string& path = versions ? request_.symbol_versions : request_.system_map;
        if (path.empty()) {
            if (request_.report_unknown)
                message(Severity::warning, "-e needs -E or -F");
            resolve_options_.report_unknown = false;
            return true;
        }
        auto text = read_text_file(path);
        if (!text) {
            message(Severity::fatal, "could not load %s: %s", path.c_str(), error_text(text.error()));
            return false;
        }
        kernel_symbols_ = *std::move(text);
        if (versions)
            add_module_symvers(exports_, kernel_symbols_, path);
        else
            add_system_map(exports_, kernel_symbols_, path, request_.symbol_prefix);
        add_made_up_symbols(exports_);
        return true;
    }

    // As with kmod, it does not count for files that are named.
    DepmodConfig read_config() const
    {
        DepmodConfig config;
        const auto& paths = request_.config_paths.empty() ? default_config_folders("depmod.d") : request_.config_paths;
        if (request_.all)
            for (const ConfigFile& file : read_config_files(paths))
                parse_depmod_config(config, file.text, file.path, directory_, request_.release);
        add_default_searches(config, directory_);
        return config;
    }

    bool find_modules()
    {
        auto folder = open_file(directory_, O_RDONLY | O_DIRECTORY);
        if (folder)
            folder_ = *std::move(folder);
        const DepmodConfig config = read_config();
        TreeScan scan(directory_, config);
        if (request_.all) {
            if (const auto result = scan.scan(); !result) {
                message(Severity::fatal, "could not search modules: %s", error_text(result.error()));
                return false;
            }
        }
        for (const std::string& file : request_.files) {
            if (request_.all)
                break;
            if (!file.starts_with('/')) {
                message(Severity::fatal, "%s: not absolute path.", file.c_str());
                return false;
            }
            struct stat status {};
            if (stat(file.c_str(), &status) != 0) {
                message(Severity::fatal, "could not create module %s: %m", file.c_str());
                return false;
            }
            scan.add_file(file);
        }
        records_ = scan.take(input_text("modules.order"));
        return true;
    }

    void read_modules()
    {
        ReadOptions options;
        options.threads = threads_;
        options.versions = resolve_options_.check_versions;
        options.symbol_prefix = request_.symbol_prefix;
        ProgressLine line(records_.size());
        reader_.read(records_, folder_ ? folder_.get() : AT_FDCWD, options, [&](std::size_t done) { line.show(done); });
        for (u32 number = 0; number < records_.size(); ++number)
            for (const ExportedSymbol& symbol : records_[number].exports)
                exports_.add(symbol.name, symbol.crc, number);
    }

    bool resolve()
    {
        resolve_dependencies(records_, exports_, resolve_options_);
        const auto left = order_dependencies(records_);
        if (left.empty())
            return true;
        const Cycles cycles = find_cycles(records_, left);
        for (const auto& cycle : cycles.found) {
            std::string text;
            for (const u32 number : cycle)
                text += (text.empty() ? "" : " -> ") + records_[number].name;
            message(Severity::error, "Cycle detected: %s", text.c_str());
        }
        if (!cycles.all)
            message(Severity::error, "there are more cycles among these modules than are told here");
        message(Severity::error, "Found %zu modules in dependency cycles!", count_in_cycles(records_, left));
        return false;
    }

    bool put_out()
    {
        auto files = make_files();
        if (!request_.to_stdout && (!fit_their_format(files) || !write(files)))
            return false;
        std::erase_if(files, [](const OutputFile& file) { return file.is_unwanted(); });
        if (request_.json)
            print_summary(files);
        else if (request_.to_stdout)
            for (const OutputFile& file : files)
                std::fwrite(file.contents.data(), 1, file.contents.size(), stdout);
        return true;
    }

    static bool fit_their_format(const std::vector<OutputFile>& files)
    {
        const auto too_large = std::find_if(files.begin(), files.end(), [](const OutputFile& file) {
            return file.contents.empty() && std::string_view(file.name).ends_with(".bin");
        });
        if (too_large == files.end())
            return true;
        message(Severity::error, "Could not write index '%s': %s", too_large->name, error_text(Errno::fbig));
        return false;
    }

    bool write(const std::vector<OutputFile>& files) const
    {
        const auto output = open_output_folder(request_.output_directory());
        if (!output) {
            message(Severity::fatal, "could not open directory %s: %s", request_.output_directory().c_str(),
                    error_text(output.error()));
            return false;
        }
        const FileDescriptor folder(*output);
        return write_files(folder.get(), files).has_value();
    }

    std::vector<OutputFile> make_files()
    {
        MakeOptions options;
        options.binary = !request_.to_stdout || request_.json;
        options.warn_duplicates = request_.warn_duplicates;
        IndexPair dependencies;
        IndexPair aliases;
        IndexPair symbols;
        const auto make_one_part = [&] { aliases = make_aliases(records_, options); };
        const auto make_other_part = [&] {
            dependencies = make_dependencies(records_, options);
            symbols = make_symbols(records_, exports_, options);
        };
        {
            const auto helper = threads_ > 1 ? start_helper(make_one_part) : std::nullopt;
            make_other_part();
            if (!helper)
                make_one_part();
        }
        std::vector<OutputFile> files;
        files.push_back({"modules.dep", std::move(dependencies.text)});
        files.push_back({"modules.dep.bin", std::move(dependencies.binary)});
        files.push_back({"modules.alias", std::move(aliases.text)});
        files.push_back({"modules.alias.bin", std::move(aliases.binary)});
        files.push_back({"modules.softdep", make_softdeps(records_)});
        files.push_back({"modules.weakdep", make_weakdeps(records_), true});
        files.push_back({"modules.symbols", std::move(symbols.text)});
        files.push_back({"modules.symbols.bin", std::move(symbols.binary)});
        if (options.binary) {
            files.push_back({"modules.builtin.bin", make_builtin(input_text("modules.builtin"), options)});
            files.push_back(
                {"modules.builtin.alias.bin", make_builtin_aliases(input_text("modules.builtin.modinfo"), options)});
        }
        files.push_back({"modules.devname", make_device_names(records_)});
        return files;
    }

    // A file that the kernel's build put beside the modules; empty, with a warning, when it is missing.
    std::string input_text(const char* name) const
    {
        auto text = folder_ ? read_text_file_at(folder_.get(), name) : Result<std::string>(fail(Errno::noent));
        if (!text)
            message(Severity::warning, "could not open %s at %s: %s", name, directory_.c_str(), error_text(text.error()));
        return std::move(text).value_or("");
    }

    void print_summary(const std::vector<OutputFile>& files) const
    {
        std::size_t dependencies = 0;
        std::size_t aliases = 0;
        std::size_t symbols = 0;
        for (const ModuleRecord& record : records_) {
            dependencies += record.dependencies.size();
            aliases += record.aliases.size();
            symbols += record.exports.size();
        }
        JsonWriter json(stdout);
        json.begin_object();
        json.member("directory", directory_);
        json.member("modules", static_cast<i64>(records_.size()));
        json.member("dependencies", static_cast<i64>(dependencies));
        json.member("aliases", static_cast<i64>(aliases));
        json.member("symbols", static_cast<i64>(symbols));
        json.key("files");
        json.begin_array();
        for (const OutputFile& file : files) {
            json.begin_object();
            json.member("name", file.name);
            json.member("size", static_cast<i64>(file.contents.size()));
            json.end_object();
        }
        json.end_array();
        json.end_object();
        json.finish();
    }

    const Request& request_;
    std::string directory_;
    FileDescriptor folder_;
    unsigned threads_ = usable_processors();
    std::string kernel_symbols_;
    ExportTable exports_;
    ResolveOptions resolve_options_;
    ModuleReader reader_;
    std::vector<ModuleRecord> records_;
};

}  // namespace

bool run(const Request& request)
{
    if (request.only_if_newer && (request.to_stdout || is_up_to_date(request.directory())))
        return true;
    return Run(request).perform();
}

}  // namespace tenon::tools::depmod
