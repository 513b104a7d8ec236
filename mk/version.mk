# The one place that names the kernel's release (what `uname -r` and vermagic say).

VERSION := 0.1.0
RELEASE := $(VERSION)-tenon
# What a module must say to be loaded: release and configuration.
vermagic = $(RELEASE) SMP mod_unload $(if $(1),debug )aarch64
VERMAGIC := $(call vermagic,$(DEBUG))

GENERATED := $(B)/include
VERSION_H := $(GENERATED)/generated/version.h

$(VERSION_H): mk/version.mk
	@mkdir -p $(@D)
	@printf '%s\n' '#pragma once' '' '#define TENON_VERSION "$(VERSION)"' '#define TENON_RELEASE "$(RELEASE)"' \
	    '#ifdef TENON_DEBUG' '#define TENON_VERMAGIC "$(call vermagic,debug)"' '#else' '#define TENON_VERMAGIC "$(call vermagic)"' '#endif' > $@
