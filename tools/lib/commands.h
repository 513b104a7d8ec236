#pragma once

namespace tenon::tools {

// The commands that one program holds, each with what its main() would be: options are read by getopt, which starts at `optind`, and
// messages bear the program's short name.
int depmod_main(int argc, char** argv);
int insmod_main(int argc, char** argv);
int lsmod_main(int argc, char** argv);
int modinfo_main(int argc, char** argv);
int modprobe_main(int argc, char** argv);
int rmmod_main(int argc, char** argv);

// `kmod static-nodes`: the device nodes that load a module when they are opened.
int static_nodes_main(int argc, char** argv);

}  // namespace tenon::tools
