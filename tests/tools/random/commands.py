"""Command lines made by chance for the modules of a world."""

from chance import Chance
from config_lines import ALIAS_WORDS
from world import ALIASES, RELEASE, TREE

PARAMETERS = ["a=1", "b=two words", "c", "d=\"x y\"", "e=", "=f", "g='x y", "h=a=b c"]
FIELDS = ["license", "alias", "name", "parm", "parmtype", "description", "softdep", "author", "filename", "depends", "odd_key", "nothing"]


class Command:
    """`words` in an environment with `variables`; `changes` what is loaded, or the files of depmod."""

    def __init__(self, words, variables=None):
        self.words, self.variables = words, variables or {}

    def changes(self):
        words = self.words
        return words[0] in ("insmod", "rmmod") or words[0] == "modprobe" and not {"-D", "-c", "-n", "-R", "--show-depends"} & set(words)


def command_for(world, seed, number):
    chance = Chance(f"{seed}.{number}")
    makers = {modprobe_show: 6, modprobe_config: 2, modprobe_resolve: 4, modprobe_insert: 6, modprobe_remove: 5, modprobe_symbols: 1,
              modinfo: 5, depmod_show: 2, insmod: 1, rmmod: 1, lsmod: 0.1, wrong: 0.5}
    if world.config.has_bad_lines or world.has_weakdep:  # which kmod tells even when it needs no configuration
        del makers[modprobe_symbols]
    return chance.choices(list(makers), list(makers.values()))[0](world, chance)


def name(world, chance):
    aliases = [value for module in world.modules for key, value in module.fields if key == "alias"]
    pattern = chance.choice([*ALIASES, *ALIAS_WORDS, *aliases, *aliases])
    module = chance.choice(world.modules)
    return chance.choices(
        [chance.dashes(module.name), chance.dashes(chance.choice(world.known)), chance.instance_of(pattern), pattern,
         chance.noise(module.name), "symbol:" + chance.choice([*module.exports, "nobody"]), f"/{module.path()}", "/extra/outside.ko",
         "/nowhere.ko", "./extra/outside.ko", module.name + ".ko", "open[", module.name.upper(), "", "devname:fake/" + module.name],
        [12, 6, 6, 2, 1, 2, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.2, 0.3])[0]


def names(world, chance):
    return [name(world, chance) for _ in range(chance.randint(1, 3))]


def general(world, chance):
    """Options that go with every use of modprobe."""
    choices = [["-C", "/extra/one.conf"], ["-C", "/extra"], ["-C", "/lib/modprobe.d", "-C", "/extra/one.conf"], ["-C", "/nowhere"],
               ["-C", "/etc/modprobe.d"], ["--config=/extra/one.conf"], ["-S", RELEASE], ["-S", "5.5.5"], ["-d", "/"], ["-d", "/nowhere"], ["-i"], ["-b"], ["-b"], ["--use-blacklist"]]
    if not world.config.with_soft:
        choices += [["--first-time"]]
    if not world.config.has_bad_lines:
        choices += [["-q"], ["--quiet"]]
    return sum(chance.some(choices, 2), []) if chance.one_in(2) else []


def modprobe(world, chance, words, arguments):
    options = general(world, chance)
    if "-d" in options:  # kmod 34 takes the path below another root for one of another file
        arguments = [word for word in arguments if "/" not in word] or ["x"]
    variables = {}
    if options and chance.one_in(8):
        variables, options = {"MODPROBE_OPTIONS": " ".join(options)}, []
    variables |= kernel_says(world, chance)
    words = chance.option_words(words) + chance.option_words(options)
    at = chance.randint(0, len(arguments)) if chance.one_in(4) else 0
    return Command(["modprobe", *arguments[:at], *words, *arguments[at:]], variables)


def with_all(world, chance):
    """One module with parameters, or `-a` and several."""
    if chance.one_in(3):
        return ["-a", *([word for word in names(world, chance) if "/" not in word] or ["x"])]
    return [name(world, chance), *(chance.some(PARAMETERS, 2) if chance.one_in(3) else [])]


def kernel_says(world, chance):
    """What the kernel refuses, and whether it knows finit_module."""
    variables = {"FAKE_FINIT": "1"} if chance.one_in(4) else {}
    if chance.one_in(4):
        module = chance.choice(world.known).replace("-", "_")
        variables["FAKE_FAILURES"] = chance.choice([f"init:{module}:{chance.choice([1, 2, 8, 12, 16, 17, 22, 126])}",
                                                    f"delete:{module}:{chance.choice([1, 11, 16, 38])}"])
    return variables


def modprobe_show(world, chance):
    return modprobe(world, chance, chance.choice([["-D"], ["-D"], ["--show-depends"], ["-n", "-v"], ["-n"], ["-n", "-D"]]),
                    with_all(world, chance))


def modprobe_config(world, chance):
    return modprobe(world, chance, ["-c"], [])


def modprobe_resolve(world, chance):
    return modprobe(world, chance, ["-R"], with_all(world, chance))


def modprobe_insert(world, chance):
    force = [["-f"], ["--force-vermagic"], ["--force-modversion"]]
    words = sum(chance.some([["-v"], *([] if world.has_weakdep else force)], 1), [])
    arguments = with_all(world, chance)
    if words in force:  # kmod 30 knows no files beside those of the tree, kmod 34 refuses what has no versions
        arguments = [word for word in arguments if "/" not in word] or ["x"]
    return modprobe(world, chance, words, arguments)


def modprobe_remove(world, chance):
    choices = [["-v"], ["-n"], ["-f"], ["-a"]]
    if not world.config.with_command:  # kmod looks for the holders of what is not loaded
        choices.append(["--remove-holders"])
    words = sum(chance.some(choices, 2), [])
    return modprobe(world, chance, ["-r", *words], [word for word in names(world, chance) if word != "open["] or ["x"])


def modprobe_symbols(world, chance):
    path = chance.choice(["/" + chance.choice(world.modules).path(), "/extra/outside.ko", "/extra/text.ko", "/nowhere.ko"])
    return Command(["modprobe", chance.choice(["--show-exports", "--show-modversions", "--dump-modversions"]),
                    *chance.some(["-q", "-a"], 1), path])


def modinfo(world, chance):
    words = ["modinfo"]
    if chance.one_in(3):
        words += chance.choice([["-a"], ["-d"], ["-l"], ["-p"], ["-n"], ["-F", chance.choice(FIELDS)], ["-0", "-F", "license"],
                                ["-0", "-F", "alias"], [f"--field={chance.choice(FIELDS)}"], ["-k", RELEASE], ["-k", "5.5.5"],
                                ["-b", "/"], ["-b", "/nowhere"]])
    files = ["/extra/text.ko", "./extra/outside.ko", "extra/outside.ko", f"{TREE}/kernel", "/nowhere.ko"]
    return Command(words + [chance.choice(files) if chance.one_in(8) else name(world, chance) for _ in range(chance.randint(1, 3))])


def depmod_options(chance):
    choices = [["-e", "-F", "/extra/map"], ["-F", "/extra/map"], ["-e", "-E", "/extra/symvers"], ["-E", "/extra/symvers"], ["-w"], ["-b", "/"],
               ["-P", "_"], ["-a"], ["-C", "/etc/depmod.d"], ["-C", "/nowhere"], ["--warn"], ["--errsyms"]]
    words = sum(chance.some(choices, 2), [])
    return chance.option_words(words if {"-E", "-F"} - set(words) else words[2:])


def depmod_files(world, seed):
    """depmod that writes its files, with options that do not send them elsewhere."""
    chance = Chance(seed)
    return Command(["depmod", *(depmod_options(chance) if chance.one_in(3) else [])])


def depmod_show(world, chance):
    options = sum(chance.some([["-v"], ["-A"]], 1), []) + depmod_options(chance)
    words = chance.choices([[], [RELEASE], ["5.5.5"], ["x"], [RELEASE, *sorted("/" + module.path() for module in chance.some(world.modules, 4))]],
                           [6, 3, 1, 1, 3])[0]
    return Command(["depmod", "-n", *options, *words])


def lsmod(world, chance):
    return Command(["lsmod"])


def wrong(world, chance):
    """What no tool knows, or without what it needs."""
    tool = chance.choice(["modprobe", "modprobe", "modinfo", "depmod", "insmod", "rmmod"])
    return Command([tool, *chance.choice([["-z"], ["--nonsense"], ["-F"], ["--field"], ["-C"], [], ["-S"], ["-r"], ["-D"], ["-n", "-E"]])])


def insmod(world, chance):
    path = chance.choice(["/" + chance.choice(world.modules).path(), "/extra/outside.ko", "/nowhere.ko", "extra/outside.ko"])
    return Command(["insmod", *chance.some(["-f"], 1), path, *chance.some(PARAMETERS, 2)], kernel_says(world, chance))


def rmmod(world, chance):
    loaded = [entry[0] for entry in world.loaded]
    chosen = [chance.dashes(chance.choice(loaded)) if loaded and not chance.one_in(3) else name(world, chance)
              for _ in range(chance.randint(1, 2))]
    chosen = [word for word in chosen if word] or ["x"]
    chosen = [word for word in chosen if word.replace("-", "_") in loaded] or chosen  # kmod tells twice what fails with -f
    chosen = list({word.replace("-", "_"): word for word in chosen}.values())
    force = ["-f"] if {word.replace("-", "_") for word in chosen} <= set(loaded) else []
    variables = kernel_says(world, chance) if not force else {}
    return Command(["rmmod", *chance.some(["-v", *force], 1), *chosen], variables)
