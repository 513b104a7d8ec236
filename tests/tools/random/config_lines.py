"""Text of modprobe.d and depmod.d files made by chance, for the modules of a world."""

ALIAS_WORDS = ["fake:a*", "off-name", "both", "pci:v0000*", "chain", "x*", "in[-_]side", "net-pf-1?", "fake:a[!x]*", "k"]
OPTIONS = ["a=1", "b=\"two words\"", "c", "size=0x10,2", "d='x y'", "mode=a=b", "e=$x", "f=*"]
COMMANDS = ["echo $MODPROBE_MODULE \"$CMDLINE_OPTS\" >&2", "exit 3", "/bin/false", "true", "true $CMDLINE_OPTS; exit 1",
            "echo [$MODPROBE_MODULE] [$CMDLINE_OPTS$CMDLINE_OPTS] >> calls", "exit 0 # why", "echo \"$MODPROBE_OPTIONS\" >&2"]
BAD_LINES = ["alias", "alias one", "alias open[ {0}", "alias {0} x]", "blacklist", "blacklist [", "options {0}", "options ]x y", "install {0}",
             "remove", "softdep {0}", "softdep", "nonsense {0}", "include /x", "config yes", "ALIAS a b", "aliases a b", "softdep x] pre: a"]
DEPMOD_LINES = ["search updates extra built-in", "search built-in updates", "search extra", "search kernel/drivers built-in extra",
                "override {0} * extra", "override {0} 4.4.4 updates", "override {0} 5.* updates", "exclude x", "exclude net extra",
                "# comment", "search", "override {0}", "nonsense", "external * /extra", "make_map_files no", "search external updates built-in",
                "  search\tupdates   built-in  "]


class ConfigLines:
    def __init__(self, world):
        self.world, self.chance = world, world.chance
        self.with_soft = world.soft_names()  # names that may have no other soft dependency and no command
        self.with_command = set()
        self.runs_modprobe = self.has_remove = False
        self.has_bad_lines = False

    def text(self):
        chance = self.chance
        makers = {self.alias: 6, self.options: 6, self.blacklist: 2, self.install: 2, self.remove: 1, self.softdep: 3, self.comment: 2}
        if self.world.has_weakdep:
            makers[self.weakdep] = 2
        if chance.one_in(5):
            makers[self.bad] = 2
        lines = [chance.choices(list(makers), list(makers.values()))[0]() for _ in range(chance.randint(0, 8))]
        text = "".join(self.dressed(line) + "\n" for line in lines if line is not None)
        return (text.removesuffix("\n") if chance.one_in(6) else text).encode()

    def dressed(self, line):
        """The line with other blanks, continued, or with a letter escaped."""
        chance = self.chance
        if not line.strip() or line.startswith("#") or chance.one_in(2):
            return line
        count = 1 if line.startswith(("softdep", "weakdep")) else -1  # kmod does not see a `pre:` that stands behind two blanks
        line = "".join(chance.blanks() + word if chance.one_in(3) else " " + word for word in line.split(" ", count)).removeprefix(" ")
        if chance.one_in(4):
            line = chance.blanks() + line
        if chance.one_in(4):
            line += chance.blanks()
        if chance.one_in(6):
            at = chance.randint(0, len(line))
            line = line[:at] + "\\\n" + line[at:]
        if chance.one_in(15) and not line.startswith(("softdep", "install", "remove")):
            at = chance.randrange(len(line))
            line = line[:at] + chance.choice("\\\\\"'[]*?,=:.\r") + line[at:]
            self.has_bad_lines = True  # perhaps
        if line.endswith("\\"):
            line += "x"
        return line

    def name(self):
        return self.chance.dashes(self.chance.choice(self.world.known))

    def pattern(self):
        name = self.name()
        return self.chance.pattern_for(name) if self.chance.one_in(5) else name

    def alias(self):
        return f"alias {self.chance.choice([*ALIAS_WORDS, self.pattern()])} {self.chance.choice([self.name(), self.name(), 'off', 'both'])}"

    def options(self):
        return f"options {self.chance.choice([self.name(), self.name(), 'both', 'fake:a*'])} {' '.join(self.chance.some(OPTIONS, 3) or ['z'])}"

    def blacklist(self):
        return f"blacklist {self.chance.choice([self.name(), 'fake:a*', 'both'])}"

    def comment(self):
        return self.chance.choice(["# a comment", "#", "", "# alias low mid \\", "   ", "#options low x=1"])

    def install(self):
        return self.command("install", COMMANDS)

    def remove(self):
        if self.with_soft:  # a soft dependency that stays is no failure for our modprobe
            return None
        self.has_remove = True
        return self.command("remove", COMMANDS)

    def command(self, keyword, commands):
        pattern = self.pattern()
        names = self.world.matched(pattern)
        if names & self.with_soft:
            return None
        self.with_command |= names
        if keyword == "install" and not self.runs_modprobe and names == {pattern.replace("-", "_")} and self.chance.one_in(3):
            self.runs_modprobe = True  # a second one could make kmod run in a circle
            return f"install {pattern} /usr/bin/env modprobe --ignore-install {pattern} $CMDLINE_OPTS >&2"
        return f"{keyword} {pattern} {self.chance.choice(commands)}"

    def softdep(self):
        pattern = self.pattern()
        names = self.world.matched(pattern)
        if self.has_remove or names & (self.with_soft | self.with_command):
            return None
        self.with_soft |= names
        before, after = (" ".join(self.name() for _ in range(self.chance.randint(0, 2))) for _ in range(2))
        return "softdep " + pattern + " " + self.chance.choice(
            [f"pre: {before} post: {after}", f"pre: {before}", f"post: {after}", f"post: {after} pre: {before}", f"word pre: {before}",
             f"pre: {before} pre: {after}", "words alone"])

    def weakdep(self):
        return f"weakdep {self.pattern()} {self.name()} {self.name()}"

    def bad(self):
        self.has_bad_lines = True
        return self.chance.choice(BAD_LINES).format(self.name())

    def depmod_text(self):
        lines = [self.chance.choice(DEPMOD_LINES).format(self.name()) for _ in range(self.chance.randint(1, 4))]
        return "".join(line + "\n" for line in lines).encode()
