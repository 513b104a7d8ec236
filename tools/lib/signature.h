#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/source.h"

namespace tenon::tools {

// The signature that is appended to a module file: the signature data, a trailer with its length, and a marker line.
struct Signature {
    std::string id_type;         // "PKCS#7"
    std::string signer;          // common name of the issuer
    std::string hash_algorithm;  // "sha256"
    std::vector<u8> key_id;      // serial number of the certificate, or its subject key identifier
    std::vector<u8> signature;
};

// Nothing when the file is not signed or the signature cannot be understood, an error only when it cannot be read. The signature is not
// verified.
Result<std::optional<Signature>> read_signature(elf::Source& file);

// "4C:6A:05"; with `wrap` each 20 bytes followed by a newline and two tabs, as modinfo prints signatures.
enum class Wrap { no, yes };
std::string hexadecimal(std::span<const u8> bytes, Wrap wrap);

}  // namespace tenon::tools
