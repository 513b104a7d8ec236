"""Writes small relocatable ELF files (System V ABI, AMD64) with what the tools read of a module."""

import struct

UNDEFINED, ABSOLUTE = 0, 0xFFF1
GLOBAL, WEAK = 1, 2
PROGBITS, SYMTAB, STRTAB = 1, 2, 3
ALLOCATED = 2


class StringTable:
    def __init__(self):
        self.bytes = b"\0"

    def add(self, text):
        at = len(self.bytes)
        self.bytes += text.encode() + b"\0"
        return at


def symbol_entry(name, binding, section, value):
    return struct.pack("<IBBHQQ", name, binding << 4, 0, section, value, 0)


def symbol_table(module, strings, text_section):
    """`module.exports` maps a name to its version or None; `module.needs` and `module.wants` (weak) are names."""
    table = symbol_entry(0, 0, UNDEFINED, 0)
    for name, version in module.exports.items():
        table += symbol_entry(strings.add(name), GLOBAL, text_section, 0)
        if version is not None:
            table += symbol_entry(strings.add("__crc_" + name), GLOBAL, ABSOLUTE, version)
    for names, binding in ((module.needs, GLOBAL), (module.wants, WEAK)):
        for name in names:
            table += symbol_entry(strings.add(name), binding, UNDEFINED, 0)
    return table


def image(module):
    """The bytes of the file; `module.fields` are the pairs of .modinfo, `module.versions` those of needed symbols."""
    symbols = StringTable()
    text_section = 1
    sections = [(".text", PROGBITS, ALLOCATED, b"\x90", 0, 0)]
    sections.append((".modinfo", PROGBITS, ALLOCATED, b"".join(f"{key}={value}".encode() + b"\0" for key, value in module.fields), 0, 0))
    if module.exports:
        sections.append(("__ksymtab_strings", PROGBITS, ALLOCATED, b"".join(name.encode() + b"\0" for name in module.exports), 0, 0))
    if module.versions:
        versions = b"".join(struct.pack("<Q56s", version, name.encode()) for name, version in module.versions.items())
        sections.append(("__versions", PROGBITS, ALLOCATED, versions, 0, 0))
    table = symbol_table(module, symbols, text_section)
    sections.append((".symtab", SYMTAB, 0, table, len(sections) + 2, 24))
    sections.append((".strtab", STRTAB, 0, symbols.bytes, 0, 0))
    names = StringTable()
    headers, body = bytes(64), b""
    for name, kind, flags, content, link, entry_size in sections + [(".shstrtab", STRTAB, 0, None, 0, 0)]:
        name = names.add(name)
        content = names.bytes if content is None else content
        info = 1 if kind == SYMTAB else 0
        headers += struct.pack("<IIQQQQIIQQ", name, kind, flags, 0, 64 + len(body), len(content), link, info, 1, entry_size)
        body += content
    body += bytes(-len(body) % 8)
    count = len(sections) + 2
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 62, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, count, count - 1)
    return header + body + headers
