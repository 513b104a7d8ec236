"""Random choices that a seed repeats, and words as configuration files and command lines have them."""

import random


class Chance(random.Random):
    def one_in(self, count):
        return self.randrange(count) == 0

    def some(self, items, most):
        """Up to `most` of the items, in any order."""
        items = list(items)
        return self.sample(items, min(len(items), self.randint(0, most)))

    def dashes(self, name):
        """The same module name with other dashes and underscores."""
        return "".join(self.choice("-_") if letter in "-_" else letter for letter in name)

    def blanks(self):
        return self.choices([" ", "  ", "\t", " \t "], [12, 2, 2, 1])[0]

    def noise(self, text):
        """The text with a letter in it that means something to one of the tools."""
        at = self.randint(0, len(text))
        return text[:at] + self.choice("\\\"'*?,=:. \t-_") + text[at:]

    def pattern_for(self, name):
        """A wildcard that matches the name, and often others, too."""
        at = self.randrange(len(name))
        kinds = [name[:at] + "*", name[:at] + "?" + name[at + 1:], "*" + name[at:], f"{name[:at]}[{name[at]}x]{name[at + 1:]}",
                 f"{name[:at]}[a-z_-]{name[at + 1:]}", f"{name[:at]}[!x]{name[at + 1:]}", f"{name[:at]}*{name[at:]}"]
        return self.choice(kinds)

    def instance_of(self, pattern):
        """A name that the pattern may match; most often it does."""
        name, at = "", 0
        while at < len(pattern):
            letter = pattern[at]
            close = pattern.find("]", at)
            if letter == "*":
                name += self.choice(["", "", "a", "x1", "-b"])
            elif letter == "?":
                name += self.choice("abx1")
            elif letter == "[" and close > 0:
                name += self.choice(pattern[at + 1:close] or "a")
                at = close
            elif letter != "\\":
                name += letter
            at += 1
        return name

    def alias(self):
        """A pattern whose beginning others share."""
        pieces = ["a", "b", "ab", "1", ":", "-", "_", "*", "?", "[ab]", "[1-3]", "v0000", "[!a]", "x"]
        return self.choice(["fake:", "pci:", "a", ""]) + "".join(self.choice(pieces) for _ in range(self.randint(1, 6)))

    def option_words(self, words):
        """The same options otherwise written: letters together, long names cut short."""
        words = list(words)
        if len(words) > 1 and self.one_in(3) and all(len(word) == 2 and word[0] == "-" for word in words):
            return ["-" + "".join(word[1] for word in words)]
        return [word[:-1] if word.startswith("--") and "=" not in word and self.one_in(6) else word for word in words]
