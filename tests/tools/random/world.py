"""A fake root made by chance: modules with what modinfo and depmod read of them, the files of the configuration, what is loaded.

Not made is what the manual pages name as differences from kmod: several soft dependencies that one module's name matches, or one beside
an install or remove command; soft dependencies that are in use; dashes and quotes in modprobe.blacklist, and an empty one; words of the
kernel command line that lack what stands before or behind the dot; empty lines in modules.builtin; a backslash that ends a file.
"""

import fnmatch
import lzma
import re
import subprocess

import module_file
from chance import Chance
from config_lines import ConfigLines

RELEASE = "4.4.4"
TREE = f"lib/modules/{RELEASE}"
NAMES = ["low", "mid", "top", "two-words", "snd_a", "snd_a_b", "net-x-y", "x", "after", "before", "fs2", "l-o-w", "usb_core-2",
         "aes_ce", "a", "zlib-ng"]
BUILTIN = ["inside-kernel", "core", "mid_in", "snd"]
INVENTED = ["nobody", "off", "no-such_one", "snd_zz"]
ALIASES = ["fake:a", "fake:ab*", "fake:a?c", "fake:a[bc]d", "fake:*", "pci:v0000808[6-9]d*sv*", "usb:v*p*d?c", "net-pf-10", "char-major-5-1",
           "fs-x", "of:N*T*Cone-two", "acpi*:PNP0[A-F]:*", "fake:a-b_c[-_]d*", "x*", "?q", "crypto-aes", "fake:abc", "fake:ab"]
TEXTS = ["GPL", "One two", "a:b:c", "", "x=y", "two  blanks ", "\t tab", "quote \"it\"", "GPL v2", "A <a@b.c>"]
STATES = ["live", "coming", "going"]


class Module:
    """One module file; the names of the members are those that module_file.image takes."""

    def __init__(self, chance, name, number, symbols):
        self.name, self.number = name, number
        self.folder = chance.choice(["kernel", "kernel/lib", "kernel/drivers/net", "updates", "extra"])
        self.extension = chance.choices([".ko", ".ko.xz", ".ko.zst"], [14, 1, 1])[0]
        self.exports = {}
        for count in range(chance.randint(0, 3)):
            version = chance.choice([None, 0, 0x12, 0xabcdef01])
            self.exports[chance.choice([f"call_{number}_{count}", f"{name.replace('-', '_')}_call{count}"])] = version
        if symbols and chance.one_in(12):
            # What another exports, too; it needs nothing, as kmod does not tell all circles of modules.
            self.exports[chance.choice(symbols)] = chance.choice([None, 0x12])
            symbols = []
        self.needs = [name for name in chance.some(symbols, 3) if name not in self.exports]
        self.wants = [name for name in chance.some([*symbols, "nobody_has_this"], 1) if name not in [*self.needs, *self.exports]]
        if chance.one_in(25):
            self.needs.append("nobody_exports_this")
        self.versions = {}
        if chance.one_in(3):
            self.versions = {name: chance.choice([0x12, 0xabcdef01, 0]) for name in self.needs + self.wants}
        self.fields = [("name", name.replace("-", "_"))] if not chance.one_in(12) else []
        self.softdep = None

    def path(self):
        return f"{TREE}/{self.folder}/{self.name}{self.extension}"

    def bytes(self):
        plain = module_file.image(self)
        if self.extension == ".ko.xz":
            return lzma.compress(plain, check=lzma.CHECK_CRC32)
        if self.extension == ".ko.zst":
            size = f"--stream-size={len(plain)}"  # kmod 34 reads no file that does not tell
            return subprocess.run(["zstd", "-q", "-c", size], input=plain, stdout=subprocess.PIPE, check=True).stdout
        return plain

    def add_fields(self, chance, names):
        for key, most in (("license", 1), ("description", 1), ("author", 2), ("version", 1), ("firmware", 1), ("odd_key", 1)):
            self.fields += [(key, chance.choice(TEXTS)) for _ in range(chance.randint(0, most))]
        for alias in chance.some(ALIASES, 3) + [chance.alias() for _ in range(chance.randint(0, 2))]:
            self.fields.append(("alias", alias))
        if chance.one_in(6):
            self.fields.append(("alias", f"devname:fake/{self.name}"))
            self.fields.append(("alias", chance.choice(["char-major-10-23", "block-major-7-0", "char-major-5-*", "char-major-3"])))
        for parameter in chance.some(["size", "mode", "a_b", "debug"], 2):
            kinds = chance.choice(["int", "charp", "array of int", "", "a:b"])
            self.fields += chance.some([("parm", f"{parameter}:{chance.choice(TEXTS)}"), ("parmtype", f"{parameter}:{kinds}")], 2)
        if chance.one_in(10):
            self.fields.append((chance.choice(["parm", "parmtype"]), chance.choice(["nocolon", ":text", "", "size", "size:again", "si:x"])))
        if chance.one_in(5):
            self.fields.append(("vermagic", f"{RELEASE} SMP"))
        if chance.one_in(6):
            self.softdep = chance.choice(["pre: {0}", "post: {0}", "pre: {0} post: {1}", "pre: {0} {1}", "post:  {1}"]).format(
                chance.dashes(chance.choice(names)), chance.choice(names))
            self.fields.append(("softdep", self.softdep))
        chance.shuffle(self.fields)


class World:
    def __init__(self, seed, number):
        self.seed = f"{seed}.{number}"
        chance = self.chance = Chance(self.seed)
        self.files, self.loaded = {}, []
        self.make_modules()
        self.make_builtin()
        self.known = [module.name for module in self.modules] + BUILTIN + INVENTED
        self.has_weakdep = chance.one_in(5)
        self.config = ConfigLines(self)
        self.make_config()
        self.make_command_line()
        self.make_loaded()

    def make_modules(self):
        chance = self.chance
        self.modules, symbols = [], []
        for number, name in enumerate(chance.sample(NAMES, chance.randint(4, 12))):
            module = Module(chance, name, number, symbols)
            symbols += [symbol for symbol in module.exports if symbol not in symbols]
            self.modules.append(module)
        for module in self.modules:
            module.add_fields(chance, [other.name for other in self.modules] + ["no-such_one"])
            self.files[module.path()] = module.bytes()
        if chance.one_in(3):
            # A second file for the same module: depmod's search order decides.
            module = chance.choice(self.modules)
            self.files[f"{TREE}/{chance.choice(['updates', 'extra', 'kernel/x'])}/{module.name}.ko"] = module_file.image(module)
        self.make_kernel_symbols(symbols)
        self.files["extra/outside.ko"] = module_file.image(chance.choice(self.modules))
        self.files["extra/text.ko"] = b"this is text and no module at all\n"

    def make_kernel_symbols(self, symbols):
        chance = self.chance
        known = chance.some([*symbols, "nobody_exports_this", "nobody_has_this"], 4)
        self.files["extra/map"] = "".join(f"ffffffff81{at:06x} {chance.choice(['R __ksymtab_', 'r __kstrtab_', 'T ', 'D '])}{name}\n"
                                          for at, name in enumerate(known)).encode()
        self.files["extra/symvers"] = "".join(f"0x{chance.choice([0x12, 0xabcdef01]):08x}\t{name}\tvmlinux\tEXPORT_SYMBOL\n"
                                              for name in known).encode()

    def make_builtin(self):
        chance = self.chance
        inside = chance.some(BUILTIN, 4)
        self.files[f"{TREE}/modules.builtin"] = "".join(f"kernel/inside/{name}.ko\n" for name in inside).encode()
        # The lines of a module stand together. One has an alias: the order of several is another for kmod's modinfo than for its modprobe.
        pairs = [(name, "alias=" + chance.choice(ALIASES)) for name in inside[:1]]
        pairs += [(name, key) for name in inside for key in ("license=GPL", "parm=size:How big")]
        self.files[f"{TREE}/modules.builtin.modinfo"] = b"".join(
            f"{name.replace('-', '_')}.{key}".encode() + b"\0" for name, key in pairs)
        order = chance.some([module.path().removeprefix(TREE + "/") for module in self.modules], 12)
        self.files[f"{TREE}/modules.order"] = "".join(path + "\n" for path in order).encode()

    def make_config(self):
        for path in self.chance.some(["etc/modprobe.d/a.conf", "etc/modprobe.d/b-b.conf", "lib/modprobe.d/a.conf", "run/modprobe.d/c.conf",
                                      "usr/local/lib/modprobe.d/d.conf", "lib/modprobe.d/e.conf", "etc/modprobe.d/ignored.txt"], 4):
            self.files[path] = self.config.text()
        self.files["extra/one.conf"] = self.config.text()
        self.links = {"etc/modprobe.d/a.conf": "/dev/null"} if self.chance.one_in(12) else {}
        if self.chance.one_in(3):
            self.files["etc/depmod.d/a.conf"] = self.config.depmod_text()

    def make_command_line(self):
        chance, words = self.chance, []
        for _ in range(chance.choice([0, 1, 2, 6])):
            name = chance.dashes(chance.choice(self.known))
            key = chance.choice(["size", "a_b", "mode-x", "a.b"])
            value = chance.choice(["1", "", "a b", "x=y", "1.5", "a,b", "/dev/x"])
            words.append(chance.choice([f"{name}.{key}={value}", f'{name}.{key}="{value}"', f'"{name}.{key}={value}"', f"{name}.{key}", name,
                                        "quiet", f"{name}={value}", "modprobe.blacklist=" + ",".join(
                                            word.replace("-", "_") for word in chance.sample(self.known, chance.randint(1, 2))), "--"]))
        self.files["proc/cmdline"] = (chance.choice([" ", "  "]).join(words) + chance.choice(["\n", ""])).encode()

    def make_loaded(self):
        for name in self.chance.some(self.known, 6):
            count = self.chance.choice([0, 0, 0, 1]) if not self.config.with_soft else 0
            self.loaded.append((name.replace("-", "_"), self.chance.choices(STATES, [8, 1, 1])[0], count))
        names = [name for name, _, _ in self.loaded]
        self.holders = {name: [holder for holder in self.chance.some(names, 1) if holder != name] if count else []
                        for name, _, count in self.loaded}
        kernel_words = {"live": "Live", "coming": "Loading", "going": "Unloading"}
        self.files["proc/modules"] = "".join(
            f"{name} 4096 {count} {''.join(holder + ',' for holder in self.holders[name]) or '-'} {kernel_words[state]} 0x0000000000000000\n"
            for name, state, count in self.loaded).encode()

    def soft_names(self):
        """Names with a soft dependency of the module itself."""
        return {module.name.replace("-", "_") for module in self.modules if module.softdep}

    def matched(self, pattern):
        """The known names that a pattern of the configuration matches."""
        plain = re.sub(r"\[[^]]*\]|-", lambda part: part[0] if len(part[0]) > 1 else "_", pattern)
        names = {name.replace("-", "_") for name in self.known}
        return {name for name in names if fnmatch.fnmatchcase(name, plain)} | {plain}
