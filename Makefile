# The front door of Tenon. `make help` lists what it can do; the rules live in mk/.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec

# Debian's mkfs.fat, mke2fs and kmod are not in every user's path.
export PATH := $(PATH):/usr/sbin:/sbin

B := build
# `make DEBUG=1` is about the debug kernel: what differs from the ordinary one stands in build/debug, the rest is shared.
CONFIGURATION := $(if $(DEBUG),debug/)
K := $(B)$(if $(DEBUG),/debug)

# As many jobs as there are processors, unless the user says otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# The order matters to a few: names before their use, `make test` after every ring.
first := version packages toolchain pure kernel modules tools libkmod man unit lint image boot
last  := run
others := $(filter-out $(first) $(last),$(sort $(patsubst mk/%.mk,%,$(wildcard mk/*.mk))))
include $(patsubst %,mk/%.mk,$(first) $(others) $(last))

.PHONY: all help clean distclean
all: $(if $(M),modules,kernel modules tools image)  ## everything below that is a file: kernel, modules, tools, initramfs, boot disk

help:
	@awk -F '## ' '/^[a-z-]+:.*## / { split($$1, target, ":"); printf "  make %-20s %s\n", target[1], $$2 }' \
	    $(sort $(MAKEFILE_LIST))

clean:  ## remove everything built; fetched packages stay
	find $(B) -mindepth 1 -maxdepth 1 ! -name sysroot ! -name apt -exec rm -rf {} + 2>/dev/null || true

distclean:  ## remove the whole build folder
	rm -rf $(B)
