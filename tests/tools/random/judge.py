"""Runs commands with our tools and with kmod in one fake root, from the same state each time, and compares what they do."""

import os
import re
import shutil
import signal
import subprocess

from world import RELEASE, TREE

KEPT = {"modules.builtin", "modules.builtin.modinfo", "modules.order"}
TIMEOUT = 10
# kmod removes soft dependencies that lead back without end, and gives up when several circles of modules share some.
CRASHED = (b"-11", b"-6")
# A soft dependency led back to a module and removed it; for our modprobe that is no failure.
REMOVED_MEANWHILE = re.compile(rb"^modprobe: ERROR: could not remove '.*': No such file or directory$", re.MULTILINE)

# Places in its source, and addresses, that kmod names; it calls itself libkmod until its log is set up.
PLACE = re.compile(rb"^libkmod: ([A-Z]+)(?::| [^ ]+) [a-z0-9_]+: ", re.MULTILINE)
ASSERTION = re.compile(rb": \.\./[a-z]+/[a-z-]+\.c:[0-9]+ [a-z0-9_]+\(\) ")
# kmod's dump of the configuration swallows the blank before `post:`.
SWALLOWED_BLANK = re.compile(rb"^(softdep .*[^ ])(post: )", re.MULTILINE)


class Judge:
    """`programs` are the folders of the tools by whom they are of: ours, kmod, newer."""

    def __init__(self, programs, preload, root):
        self.programs, self.preload, self.root = programs, preload, root
        self.comparisons = 0
        self.not_judged = 0

    def settle(self, world):
        """Makes the root as the world says."""
        self.world = world
        shutil.rmtree(self.root, ignore_errors=True)
        for path, content in world.files.items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(content)
        for path, target in world.links.items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if os.path.lexists(full):
                os.unlink(full)
            os.symlink(target, full)
        self.restore()

    def restore(self):
        """What is loaded, as the world says; no calls."""
        modules = os.path.join(self.root, "sys/module")
        shutil.rmtree(modules, ignore_errors=True)
        os.makedirs(modules)
        for name, state, count in self.world.loaded:
            folder = os.path.join(modules, name)
            os.makedirs(os.path.join(folder, "holders"))
            for file, text in (("initstate", state), ("refcnt", str(count)), ("coresize", "4096")):
                with open(os.path.join(folder, file), "w") as stream:
                    stream.write(text + "\n")
            for holder in self.world.holders[name]:
                os.mkdir(os.path.join(folder, "holders", holder))
        if os.path.exists(os.path.join(self.root, "calls")):
            os.unlink(os.path.join(self.root, "calls"))

    def effects(self):
        """The calls of the module loader, and what is loaded now."""
        calls = b""
        if os.path.exists(os.path.join(self.root, "calls")):
            with open(os.path.join(self.root, "calls"), "rb") as file:
                calls = file.read()
        return calls + " ".join(sorted(os.listdir(os.path.join(self.root, "sys/module")))).encode() + b"\n"

    def run(self, who, command):
        """What the command of one of the tools says and does: its output, messages, status and effects."""
        folder, tool = self.programs[who], command.words[0]
        environment = {"PATH": f"{folder}:/usr/bin:/bin", "LD_PRELOAD": self.preload, "FAKE_ROOT": self.root, "FAKE_RELEASE": RELEASE,
                       **command.variables}
        process = subprocess.Popen(command.words, executable=os.path.join(folder, tool), cwd=self.root, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            output, messages = process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, messages = process.communicate()
        if who != "ours":
            messages = ASSERTION.sub(b": ", PLACE.sub(tool.encode() + rb": \1: ", messages))
            output = SWALLOWED_BLANK.sub(rb"\1 \2", output)
        said = {"output": output, "messages": messages, "status": str(process.returncode).encode()}
        if command.changes():
            said["effects"] = self.effects()
            self.restore()
        return said

    def index_files(self, who, command):
        """The same of depmod, with the files that it makes, which are taken away again."""
        said = self.run(who, command)
        folder = os.path.join(self.root, TREE)
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.startswith("modules.") and name not in KEPT:
                with open(path, "rb") as file:
                    said[name] = file.read()
                os.unlink(path)
        return said

    def keep_index_files(self, said):
        for name, content in said.items():
            if name.startswith("modules."):
                with open(os.path.join(self.root, TREE, name), "wb") as file:
                    file.write(content)

    def differences(self, perform):
        """Runs `perform` for our tools and for others. A part of the answer is good when it equals that of either kmod.

        Returns what ours said, and for each part that is not good what each said.
        """
        self.comparisons += 1
        said = {who: perform(who) for who in ("ours", "kmod")}
        if said["ours"] != said["kmod"] and "newer" in self.programs:
            said["newer"] = perform("newer")
        parts = dict.fromkeys(part for answer in said.values() for part in answer)
        others = [answer for who, answer in said.items()
                  if who != "ours" and answer["status"] not in CRASHED and not REMOVED_MEANWHILE.search(answer["messages"])]
        self.not_judged += not others
        wrong = {part: {who: answer.get(part) for who, answer in said.items()} for part in parts
                 if others and all(said["ours"].get(part) != answer.get(part) for answer in others)}
        return said["ours"], wrong
