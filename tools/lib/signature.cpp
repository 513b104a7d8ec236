#include "tools/lib/signature.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tools/lib/der.h"

namespace tenon::tools {

namespace {

constexpr std::string_view marker = "~Module signature appended~\n";

// The trailer in front of the marker. The first two numbers and the lengths of signer and key matter only for the kinds of
// signature that were used before PKCS#7.
struct Trailer {
    u8 algorithm;
    u8 hash;
    u8 id_type;
    u8 signer_length;
    u8 key_id_length;
    u8 padding[3];
    u8 signature_length[4];  // big-endian
};
static_assert(sizeof(Trailer) == 12);

constexpr std::array<const char*, 3> id_types = {"PGP", "X509", "PKCS#7"};
constexpr u8 id_type_pkcs7 = 2;
constexpr std::array<const char*, 9> old_hashes = {"md4",    "md5",    "sha1",   "rmd160", "sha256",
                                                   "sha384", "sha512", "sha224", "sm3"};

using Bytes = std::span<const u8>;

struct HashIdentifier {
    std::string_view identifier;  // contents of the OBJECT IDENTIFIER
    const char* name;
};
using namespace std::string_view_literals;
constexpr std::array<HashIdentifier, 10> hashes = {{
    {"\x2a\x86\x48\x86\xf7\x0d\x02\x04"sv, "md4"},
    {"\x2a\x86\x48\x86\xf7\x0d\x02\x05"sv, "md5"},
    {"\x2b\x0e\x03\x02\x1a"sv, "sha1"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv, "sha256"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x02"sv, "sha384"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x03"sv, "sha512"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x04"sv, "sha224"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x08"sv, "sha3-256"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x09"sv, "sha3-384"},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x0a"sv, "sha3-512"},
}};
constexpr std::string_view common_name = "\x55\x04\x03"sv;                              // 2.5.4.3
constexpr std::string_view signed_data = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv;      // 1.2.840.113549.1.7.2

std::string_view as_text(Bytes bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string hash_name(Bytes algorithm)
{
    DerReader reader(algorithm);
    const auto identifier = reader.take(DerReader::object_identifier);
    if (!identifier)
        return "unknown";
    const auto known = std::find_if(hashes.begin(), hashes.end(),
                                    [&](const HashIdentifier& hash) { return hash.identifier == as_text(*identifier); });
    return known == hashes.end() ? "unknown" : known->name;
}

// Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }
std::string common_name_of(Bytes name)
{
    DerReader sets(name);
    while (const auto set = sets.take(DerReader::set)) {
        DerReader attributes(*set);
        while (const auto attribute = attributes.take(DerReader::sequence)) {
            DerReader parts(*attribute);
            const auto type = parts.take(DerReader::object_identifier);
            const auto value = parts.take_any();
            if (type && value && as_text(*type) == common_name)
                return std::string(as_text(*value));
        }
    }
    return {};
}

// The number without the zero bytes that only keep it positive.
std::vector<u8> magnitude(Bytes integer)
{
    while (integer.size() > 1 && integer.front() == 0)
        integer = integer.subspan(1);
    return {integer.begin(), integer.end()};
}

// SignerInfo (RFC 5652, section 5.3).
bool read_signer(Signature& result, Bytes info)
{
    DerReader reader(info);
    if (!reader.take(DerReader::integer))
        return false;
    if (const auto key = reader.take(DerReader::context(0))) {
        result.key_id.assign(key->begin(), key->end());
    } else {
        const auto identifier = reader.take(DerReader::sequence);
        if (!identifier)
            return false;
        DerReader parts(*identifier);
        const auto issuer = parts.take(DerReader::sequence);
        const auto serial = parts.take(DerReader::integer);
        if (!issuer || !serial)
            return false;
        result.signer = common_name_of(*issuer);
        result.key_id = magnitude(*serial);
    }
    const auto digest = reader.take(DerReader::sequence);
    if (!digest)
        return false;
    result.hash_algorithm = hash_name(*digest);
    reader.take(DerReader::context_constructed(0));  // signed attributes
    if (!reader.take(DerReader::sequence))
        return false;
    const auto value = reader.take(DerReader::octet_string);
    if (!value)
        return false;
    result.signature.assign(value->begin(), value->end());
    return true;
}

// ContentInfo { signedData, SignedData } (RFC 5652, sections 3 and 5.1).
bool read_pkcs7(Signature& result, Bytes message)
{
    DerReader outer(message);
    const auto content = outer.take(DerReader::sequence);
    if (!content)
        return false;
    DerReader content_reader(*content);
    const auto type = content_reader.take(DerReader::object_identifier);
    const auto wrapped = content_reader.take(DerReader::context_constructed(0));
    if (!type || as_text(*type) != signed_data || !wrapped)
        return false;
    const auto data = DerReader(*wrapped).take(DerReader::sequence);
    if (!data)
        return false;
    DerReader reader(*data);
    if (!reader.take(DerReader::integer) || !reader.take(DerReader::set) || !reader.take(DerReader::sequence))
        return false;
    reader.take(DerReader::context_constructed(0));  // certificates
    reader.take(DerReader::context_constructed(1));  // revocation lists
    const auto signers = reader.take(DerReader::set);
    if (!signers)
        return false;
    const auto first = DerReader(*signers).take(DerReader::sequence);
    return first && read_signer(result, *first);
}

// From the names that stand before the signature data, and these.
std::optional<Signature> signature_of(const Trailer& trailer, Bytes names, Bytes data)
{
    Signature result;
    result.id_type = id_types[trailer.id_type];
    if (trailer.id_type == id_type_pkcs7)
        return read_pkcs7(result, data) ? std::optional(result) : std::nullopt;
    if (trailer.hash >= old_hashes.size())
        return std::nullopt;
    result.hash_algorithm = old_hashes[trailer.hash];
    result.signer = as_text(names.first(trailer.signer_length));
    const Bytes key = names.last(trailer.key_id_length);
    result.key_id.assign(key.begin(), key.end());
    result.signature.assign(data.begin(), data.end());
    return result;
}

}  // namespace

Result<std::optional<Signature>> read_signature(elf::Source& file)
{
    constexpr std::size_t tail_size = sizeof(Trailer) + marker.size();
    std::array<u8, tail_size> tail;
    if (file.size() < tail_size)
        return std::nullopt;
    TRY(file.read(file.size() - tail_size, std::as_writable_bytes(std::span(tail))));
    if (!as_text(tail).ends_with(marker))
        return std::nullopt;
    Trailer trailer;
    std::memcpy(&trailer, tail.data(), sizeof(trailer));
    u32 length = 0;
    for (const u8 byte : trailer.signature_length)
        length = length << 8 | byte;
    const std::size_t names = std::size_t{trailer.signer_length} + trailer.key_id_length;
    const u64 before_tail = file.size() - tail_size;
    if (trailer.id_type >= id_types.size() || length > before_tail || names > before_tail - length)
        return std::nullopt;
    std::vector<u8> bytes(names + length);
    TRY(file.read(before_tail - bytes.size(), std::as_writable_bytes(std::span(bytes))));
    return signature_of(trailer, Bytes(bytes).first(names), Bytes(bytes).last(length));
}

std::string hexadecimal(std::span<const u8> bytes, Wrap wrap)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::size_t bytes_per_line = 20;
    std::string text;
    text.reserve(bytes.size() * 3 + bytes.size() / bytes_per_line * 3);
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        text.push_back(digits[bytes[index] >> 4]);
        text.push_back(digits[bytes[index] & 0xf]);
        if (index + 1 == bytes.size())
            break;
        text.push_back(':');
        if (wrap == Wrap::yes && index % bytes_per_line == bytes_per_line - 1)
            text += "\n\t\t";
    }
    return text;
}

}  // namespace tenon::tools
