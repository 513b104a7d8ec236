# The front door of Tenon. `make help` lists what it can do; the rules live in mk/.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec

B := build

include mk/version.mk
include mk/packages.mk
include mk/toolchain.mk
include mk/pure.mk
include mk/kernel.mk
include mk/modules.mk
include mk/tools.mk
include mk/unit.mk
include mk/lint.mk
include mk/image.mk
include mk/boot.mk
include mk/run.mk
-include $(filter-out $(MAKEFILE_LIST),$(sort $(wildcard mk/*.mk)))

.PHONY: all help clean distclean
all: kernel modules tools image

help:
	@awk -F '## ' '/^[a-z-]+:.*## / { split($$1, target, ":"); printf "  make %-14s %s\n", target[1], $$2 }' \
	    $(sort $(MAKEFILE_LIST))

clean:  ## remove everything built; fetched packages stay
	find $(B) -mindepth 1 -maxdepth 1 ! -name sysroot ! -name apt -exec rm -rf {} + 2>/dev/null || true

distclean:  ## remove the whole build folder
	rm -rf $(B)
