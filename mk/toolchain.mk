# Compilers and the flags that every target shares.

CROSS      ?= aarch64-linux-gnu-
TARGET_CXX := $(CROSS)g++
TARGET_LD  := $(CROSS)ld
TARGET_NM  := $(CROSS)nm
HOST_CXX   ?= g++

WARNINGS   := -Wall -Wextra -Wconversion -Wold-style-cast -Wshadow -Werror
# Debugging information does not say where the tree stands, so that equal sources give equal files everywhere.
DEBUG_INFO := -g '-fdebug-prefix-map=$(CURDIR)=.'
CXX_COMMON := -std=c++23 $(DEBUG_INFO) $(WARNINGS) -D_GLIBCXX_ASSERTIONS
# Boost's headers serve the host builds too; the rest of the sysroot's headers only arm64.
INCLUDES   = -I. -Iinclude -I$(GENERATED) -isystem $(SYSROOT)/portable
DEPFLAGS   = -MMD -MP -MF $(@:.o=.d)

# $(call sources,folders,extension): every such file below the folders, in a stable order.
sources = $(sort $(foreach folder,$(wildcard $(1)),$(shell find $(folder) -name '*.$(2)')))

# $(call flags_file,name,text): a file that changes only when the text does; objects depend on it.
flags_file = $(call write_when_changed,$(B)/flags/$(1),$(2))$(B)/flags/$(1)

# $(call write_when_changed,file,text). White space does not count: make reads the last end of line sometimes, and sometimes not.
write_when_changed = $(if $(call equal,$(strip $(file <$(1))),$(strip $(2))),,$(if $(wildcard $(dir $(1))),,$(shell mkdir -p $(dir $(1))))$(file >$(1),$(2)))
equal              = $(and $(findstring x$(1)x,x$(2)x),$(findstring x$(2)x,x$(1)x))

# Compiling and linking are announced in one short line each; `make V=1` shows the commands.
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-8s %s\n' $(1) $(2)

# $(call seconds,default): how long a campaign runs, by SECONDS of the command line or the environment (Bash has a variable of that name).
seconds = $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),$(1))

# $(call host_program,name[,folder]): the rule for build/mk/<name>, a helper of the build made of <folder>/<name>.cpp (mk).
define host_program_rule
$(B)/mk/$(1): $(or $(2),mk)/$(1).cpp
	$$(call say,CXX,'[build] $$<')
	@mkdir -p $$(@D)
	$(Q)$(HOST_CXX) $(CXX_COMMON) -I. -O2 -MMD -MP $$< -o $$@
-include $(B)/mk/$(1).d
endef
host_program = $(eval $(call host_program_rule,$(1),$(2)))

# Most of the time that a source takes goes into the headers that it includes, again and again the same. So the sources of a folder are
# compiled together: a batch is a file that includes them all. Names in anonymous namespaces are therefore unique in their folder;
# what cannot keep to that, or what a program replaces, is apart. Any source can be compiled alone: `make build/kernel/kernel/fs/open.o`.
APART := tools/lib/panic.cpp arch/arm64/interrupt/gic_v3.cpp kernel/syscall/lock.cpp kernel/proc/signal_delivery.cpp \
    tests/boot/killed_waiters_test.cpp tests/boot/module_soak_test.cpp tests/boot/random_test.cpp tests/differential/random/sample.cpp \
    tests/unit/kernel/fs/lock/lock_waits_test.cpp tests/unit/module/link/cells_test.cpp tests/unit/module/link/link_test.cpp

# $(call batches,set,sources): one batch per folder of the sources, build/batches/<set>/<folder>.cpp, written when the list has changed;
# gives their names, <set>/<folder>. A variant compiles them to build/<variant>/batches/<set>/<folder>.o.
batches = $(foreach folder,$(sort $(dir $(2))),$(call batch,$(1)/$(folder:/=),$(call files_of,$(folder),$(filter-out $(APART),$(2))))) \
    $(foreach source,$(filter $(APART),$(2)),$(call batch,$(1)/$(basename $(source)),$(source)))
batch   = $(if $(2),$(1)$(call write_when_changed,$(B)/batches/$(1).cpp,$(subst $(blank),$(newline),$(patsubst %,#include"%",$(2)))))
files_of = $(strip $(foreach file,$(2),$(if $(filter $(1),$(dir $(file))),$(file))))
blank   := $(subst ,, )
define newline


endef
