# What is needed from the distribution: programs for this machine, and arm64 packages for a private sysroot.

HOST_PACKAGES := g++ g++-aarch64-linux-gnu libc6-dev-arm64-cross binutils-aarch64-linux-gnu libgtest-dev libgmock-dev \
    libzstd-dev liblzma-dev zlib1g-dev zstd cpio kmod qemu-system-arm ipxe-qemu u-boot-qemu u-boot-tools gdisk \
    dosfstools mtools e2fsprogs util-linux xz-utils scdoc jq graphviz libxml2-utils openssl valgrind

# What only tests want: programs for AArch64 are run, LLVM's linker and Python are compared with.
TEST_PACKAGES := qemu-user-static lld python3

# busybox, the libraries that the kernel links, and stock dynamically linked programs with what they load.
TARGET_PACKAGES := busybox-static libzstd-dev libfdt-dev liblzma-dev zlib1g-dev libboost1.74-dev \
    libc6 libgcc-s1 dash kmod libkmod2 libzstd1 liblzma5 libssl3 coreutils libacl1 libattr1 libselinux1 libpcre2-8-0 libgmp10 \
    zstd xz-utils liblz4-1 zlib1g libexpat1 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib \
    util-linux libsmartcols1 libmount1 libblkid1 libudev1 procps libproc2-0 libsystemd0 libcap2 libcap-ng0 libgcrypt20 libgpg-error0

# Fetched packages are kept here, outside the tree, for other clones and for later.
TENON_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(if $(HOME),$(HOME)/.cache,$(abspath $(B))))/tenon
export TENON_CACHE

SYSROOT := $(B)/sysroot
SYSROOT_READY := $(SYSROOT)/.ready

$(SYSROOT_READY): mk/packages.mk mk/fetch-packages
	mk/fetch-packages "$$TENON_CACHE" $(SYSROOT) $(TARGET_PACKAGES)
	@mkdir -p $(SYSROOT)/portable && ln -sfn ../usr/include/boost $(SYSROOT)/portable/boost
	@touch $@

.PHONY: sysroot
sysroot: $(SYSROOT_READY)  ## fetch and unpack the arm64 packages

.PHONY: test-packages
test-packages:
	@mk/host-packages $(TEST_PACKAGES)

# Before anything is built: every rule may count on the host's packages. For `make test` all come in one go. What is installed is built on
# any machine that has a compiler and the libraries.
ifneq ($(filter-out clean distclean help deb install install-debug installed libkmod man,$(or $(MAKECMDGOALS),all)),)
ifeq ($(MAKELEVEL),0)
ifneq ($(shell mk/host-packages $(HOST_PACKAGES) $(if $(filter test%,$(MAKECMDGOALS)),$(TEST_PACKAGES)) >&2; echo $$?),0)
$(error packages are missing)
endif
endif
endif
