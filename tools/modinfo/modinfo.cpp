// modinfo: shows what module files say about themselves.

#include <cstdio>
#include <cstring>
#include <getopt.h>
#include <strings.h>
#include <sys/stat.h>

#include "tools/lib/catalog.h"
#include "tools/lib/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/json.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"
#include "tools/lib/module_info.h"
#include "tools/lib/module_name.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr int option_json = 256;

constexpr const char* short_options = "adlpn0mF:k:b:Vh";
const option long_options[] = {
    {"author", no_argument, nullptr, 'a'},
    {"description", no_argument, nullptr, 'd'},
    {"license", no_argument, nullptr, 'l'},
    {"parameters", no_argument, nullptr, 'p'},
    {"filename", no_argument, nullptr, 'n'},
    {"null", no_argument, nullptr, '0'},
    {"modname", no_argument, nullptr, 'm'},
    {"field", required_argument, nullptr, 'F'},
    {"set-version", required_argument, nullptr, 'k'},
    {"basedir", required_argument, nullptr, 'b'},
    {"json", no_argument, nullptr, option_json},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tmodinfo [options] modulename|filename...\n"
    "Options:\n"
    "\t-a, --author               print only the authors\n"
    "\t-d, --description          print only the description\n"
    "\t-l, --license              print only the licence\n"
    "\t-p, --parameters           print only the parameters\n"
    "\t-n, --filename             print only the file's name\n"
    "\t-0, --null                 end each field with a NUL, as key=value\n"
    "\t-m, --modname              take arguments as module names, not as aliases or files\n"
    "\t-F, --field=FIELD          print only this field\n"
    "\t-k, --set-version=VERSION  for this kernel release instead of the running one\n"
    "\t-b, --basedir=DIR          look for lib/modules below DIR\n"
    "\t    --json                 print JSON\n"
    "\t-V, --version              print the version\n"
    "\t-h, --help                 print this help\n";

struct Request {
    std::string field;  // empty: all
    bool null_separated = false;
    bool module_names = false;
    bool json = false;
    std::string root;
    std::string release;
};

bool same_key(const std::string& a, const std::string& b)
{
    return strcasecmp(a.c_str(), b.c_str()) == 0;
}

class Printer {
public:
    explicit Printer(const Request& request) : request_(request), json_(stdout)
    {
        if (request_.json)
            json_.begin_array();
    }
    ~Printer()
    {
        if (!request_.json)
            return;
        json_.end_array();
        json_.finish();
    }
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    // The file's name is known even when its contents turn out to be unreadable.
    void print_name(const std::string& file_name) const
    {
        if (request_.json)
            return;
        if (request_.field.empty())
            print_line("filename", file_name);
        else if (same_key(request_.field, "filename"))
            print_value(file_name);
    }
    // Nothing in modules.builtin.modinfo says it.
    void print_builtin_name(const std::string& module) const
    {
        if (request_.json)
            return;
        if (request_.field.empty())
            print_line("name", module);
        else if (same_key(request_.field, "name"))
            print_value(module);
    }

    void print_info(const std::string& file_name, const ModuleInfo& info)
    {
        if (request_.json)
            return print_json(file_name, info);
        if (request_.field.empty())
            print_all(info);
        else if (same_key(request_.field, "parm"))
            for (const InfoParameter& parameter : info.parameters())
                print_value(parameter.text(InfoParameter::Form::list));
        else
            for (const InfoField& field : info.fields)
                if (same_key(field.key, request_.field))
                    print_value(field.value);
    }

private:
    static bool is_parameter(const InfoField& field) { return field.key == "parm" || field.key == "parmtype"; }

    void print_all(const ModuleInfo& info) const
    {
        for (const InfoField& field : info.fields)
            if (!is_parameter(field))
                print_field(field.key, field.value);
        for (const InfoParameter& parameter : info.parameters())
            print_line("parm", parameter.text(InfoParameter::Form::field));
    }

    void print_value(const std::string& value) const
    {
        std::fwrite(value.data(), 1, value.size(), stdout);
        std::putchar(request_.null_separated ? '\0' : '\n');
    }

    // What stands in the module as it is.
    void print_field(const std::string& key, const std::string& value) const
    {
        if (!request_.null_separated)
            return print_line(key, value);
        std::printf("%s=", key.c_str());
        print_value(value);
    }

    // What is put together here keeps its form when a NUL ends it: programs that read kmod's output expect that.
    void print_line(const std::string& key, const std::string& value) const
    {
        std::printf("%s:%-*s", key.c_str(), 15 - static_cast<int>(key.size()), "");
        print_value(value);
    }

    void print_json(const std::string& file_name, const ModuleInfo& info)
    {
        json_.begin_object();
        json_.member("filename", file_name);
        json_.key("fields");
        json_.begin_array();
        for (const InfoField& field : info.fields) {
            if (is_parameter(field) || (!request_.field.empty() && !same_key(field.key, request_.field)))
                continue;
            json_.begin_object();
            json_.member("key", field.key);
            std::string value = field.value;
            std::erase_if(value, [](char c) { return c == '\n' || c == '\t'; });
            json_.member("value", field.key == "signature" || field.key == "sig_key" ? value : field.value);
            json_.end_object();
        }
        json_.end_array();
        if (request_.field.empty() || same_key(request_.field, "parm"))
            print_json_parameters(info);
        json_.end_object();
    }

    void print_json_parameters(const ModuleInfo& info)
    {
        json_.key("parameters");
        json_.begin_array();
        for (const InfoParameter& parameter : info.parameters()) {
            json_.begin_object();
            json_.member("name", parameter.name);
            if (parameter.description)
                json_.member("description", *parameter.description);
            if (parameter.type)
                json_.member("type", *parameter.type);
            json_.end_object();
        }
        json_.end_array();
    }

    const Request& request_;
    JsonWriter json_;
};

class Inspector {
public:
    Inspector(const Request& request)
        : request_(request), directory_(request.root, request.release.empty() ? kernel_release() : request.release),
          catalog_(directory_, config_), printer_(request)
    {
    }

    bool inspect(const std::string& argument)
    {
        if (!request_.module_names && is_module_file(argument)) {
            Module module;
            module.name = module_name_from_path(argument);
            module.path = absolute_path(argument);
            return inspect(module);
        }
        const auto found = catalog_.lookup(argument);
        const bool by_name = found && (found->source == Source::dependencies || found->source == Source::builtin);
        if (request_.module_names && !by_name) {
            message(Severity::error, "Module name %s not found.", argument.c_str());
            return false;
        }
        if (!found || found->modules.empty()) {
            message(Severity::error, found ? "Module %s not found." : "Module alias %s not found.", argument.c_str());
            return false;
        }
        bool success = true;
        for (const Module* module : found->modules)
            success = inspect(*module) && success;
        return success;
    }

private:
    static bool is_module_file(const std::string& argument)
    {
        struct stat status {};
        return module_extension(argument) && stat(argument.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    }

    bool inspect(const Module& module)
    {
        const bool builtin = module.path.empty();
        const std::string file_name = builtin ? "(builtin)" : module.path;
        if (builtin)
            printer_.print_builtin_name(module.name);
        printer_.print_name(file_name);
        if (!request_.json && same_key(request_.field, "filename"))
            return true;
        const auto info = builtin ? builtin_info(module) : file_info(module);
        if (!info) {
            message(Severity::error, "could not get modinfo from '%s': %s", module.name.c_str(), error_text(info.error()));
            return false;
        }
        printer_.print_info(file_name, *info);
        return true;
    }

    Result<ModuleInfo> file_info(const Module& module)
    {
        TRY(file_.open(module.path));
        const auto view = TRY(file_.view(storage_));
        return read_module_info(file_, view);
    }

    // A built-in module of which nothing is known has no fields. Its name, which stands before the file name in text, is a field in JSON.
    Result<ModuleInfo> builtin_info(const Module& module) const
    {
        const auto folder = directory_.folder();
        const auto text = folder ? read_text_file_at(*folder, "modules.builtin.modinfo") : Result<std::string>("");
        auto info = read_builtin_info(text.value_or(""), module.name).value_or(ModuleInfo());
        if (request_.json)
            info.fields.insert(info.fields.begin(), {"name", module.name});
        return info;
    }

    const Request& request_;
    Config config_;
    ModuleDirectory directory_;
    Catalog catalog_;
    Printer printer_;
    ModuleFile file_;
    elf::MetadataView::Storage storage_;
};

}  // namespace

int tenon::tools::modinfo_main(int argc, char** argv)
{
    Request request;
    for (int key; (key = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1;) {
        switch (key) {
        case 'a': request.field = "author"; break;
        case 'd': request.field = "description"; break;
        case 'l': request.field = "license"; break;
        case 'p': request.field = "parm"; break;
        case 'n': request.field = "filename"; break;
        case '0': request.null_separated = true; break;
        case 'm': request.module_names = true; break;
        case 'F': request.field = optarg; break;
        case 'k': request.release = optarg; break;
        case 'b': request.root = optarg; break;
        case option_json: request.json = true; break;
        default:
            if (const auto status = common_option(key, help_text))
                return *status;
        }
    }
    if (optind >= argc) {
        message(Severity::error, "missing module or filename.");
        return 1;
    }
    int status = 0;
    {
        Inspector inspector(request);
        for (int index = optind; index < argc; ++index)
            if (!inspector.inspect(argv[index]))
                status = 1;
    }
    return finish(status);
}
