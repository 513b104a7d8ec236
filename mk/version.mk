# The one place that names the kernel's release (what `uname -r` and vermagic say).

VERSION := 0.1.0
RELEASE := $(VERSION)-tenon

GENERATED := $(B)/include
VERSION_H := $(GENERATED)/generated/version.h

$(VERSION_H): mk/version.mk
	@mkdir -p $(@D)
	@printf '%s\n' '#pragma once' '' '#define TENON_VERSION "$(VERSION)"' '#define TENON_RELEASE "$(RELEASE)"' > $@
