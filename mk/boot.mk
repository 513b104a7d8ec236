# Boot tests: tests/boot/**/*.cpp drive QEMU over the serial line. `make boot FILTER='MainJob.*'` runs a part.
# tests/boot/programs/*.cpp are user programs of the tests, tests/modules/*/ their modules; both join the tests'
# initramfs (the first entry for a path wins there), with stock dynamically linked programs below /stock.

BOOT_SOURCES  := $(filter-out tests/boot/programs/%,$(call sources,tests/boot,cpp))
BOOT_OBJECTS  := $(call hosted_objects,host,$(BOOT_SOURCES)) \
    $(patsubst %.cpp,$(B)/host/%.o,tests/exec/cases_arm64.cpp tests/exec/absolute_symbols.cpp)
BOOT_PROGRAMS := $(patsubst tests/boot/programs/%.cpp,%,$(wildcard tests/boot/programs/*.cpp))
TEST_INITRAMFS := $(K)/test/initramfs.cpio.zst

# What waits for a machine most of the time needs no optimisation.
$(BOOT_OBJECTS): MORE_FLAGS := -O0

$(B)/test/boot-tests: $(BOOT_OBJECTS) $(B)/host/libtenon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(HOST_CXX) -pthread $^ -lgtest $(TOOL_LIBS) -o $@

$(BOOT_PROGRAMS:%=$(B)/test/programs/%): $(B)/test/programs/%: $(B)/user-arm64/tests/boot/programs/%.o
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -static -pthread -s $< -o $@

STOCK_LIBRARIES := $(addprefix lib/aarch64-linux-gnu/,libc.so.6 ld-linux-aarch64.so.1 liblzma.so.5 libselinux.so.1 \
        libproc2.so.0 libcap.so.2 libcap-ng.so.0 libgpg-error.so.0) \
    $(addprefix usr/lib/aarch64-linux-gnu/,libkmod.so.2 libzstd.so.1 libcrypto.so.3 libpcre2-8.so.0 \
        libsystemd.so.0 libsmartcols.so.1 libmount.so.1 libblkid.so.1 libudev.so.1 libgcrypt.so.20 liblz4.so.1)
STOCK_PROGRAMS  := bin/kmod bin/dash bin/ls bin/cat bin/df bin/findmnt sbin/sysctl \
    $(addprefix usr/bin/,chrt fallocate flock lscpu nice setpriv taskset timeout vmstat)
define TEST_MANIFEST
link /lib/ld-linux-aarch64.so.1 aarch64-linux-gnu/ld-linux-aarch64.so.1
$(foreach file,$(STOCK_LIBRARIES),file /$(file) $(SYSROOT)/$(file) 755
)$(foreach file,$(STOCK_PROGRAMS),file /stock/$(file) $(SYSROOT)/$(file) 755
)$(foreach name,insmod rmmod lsmod modinfo modprobe depmod,link /stock/sbin/$(name) ../bin/kmod
)$(foreach program,$(BOOT_PROGRAMS),file /tests/$(program) $(B)/test/programs/$(program) 755
)file /tests/zeros.ko.zst $(B)/test/zeros.ko.zst 644
dir /tests/modules 755
file /etc/passwd tests/boot/users/passwd 644
file /etc/group tests/boot/users/group 644
file /etc/shadow tests/boot/users/shadow 600
dir /home/user 755
dir /home/other 755
file /users/busybox $(SYSROOT)/bin/busybox 4755
$(foreach name,su login passwd setpriv,link /users/$(name) busybox
)$(foreach module,$(MODULES) $(TEST_MODULES),file /tests/modules/$(notdir $(module)) $(module) 644
)
endef
export TEST_MANIFEST

$(K)/test/initramfs.manifest: $(K)/initramfs.manifest mk/boot.mk \
    $(call flags_file,$(CONFIGURATION)test-manifest,$(BOOT_PROGRAMS) $(notdir $(MODULES) $(TEST_MODULES)))
	@mkdir -p $(@D)
	$(Q){ echo "$$TEST_MANIFEST"; cat $<; } > $@

# 64 MiB in very few bytes.
$(B)/test/zeros.ko.zst:
	@mkdir -p $(@D)
	$(Q)head -c 64M /dev/zero | zstd -q -f -o $@

$(TEST_INITRAMFS): $(B)/test/zeros.ko.zst $(K)/test/initramfs.manifest $(wildcard tests/boot/users/*) $(INITRAMFS_INPUTS) $(B)/mk/cpio $(MODULES) $(TEST_MODULES) \
    $(addprefix $(B)/test/programs/,$(BOOT_PROGRAMS)) | $(SYSROOT_READY)
	$(call say,CPIO,$@)
	$(Q)$(B)/mk/cpio < $(K)/test/initramfs.manifest | zstd -q -f -3 -T0 -o $@

# Larger stock programs, on a disk of their own.
STOCK_DISK := $(B)/test/stock.ext2
$(STOCK_DISK): mk/stock-disk tests/boot/stock_threads.py $(SYSROOT_READY)
	$(call say,MKE2FS,$@)
	@mkdir -p $(@D)
	$(Q)mk/stock-disk $(SYSROOT) $@

# The kernel behind a loader that leaves everything set that it should not.
CARELESS_BOOT := $(K)/test/careless.img
$(CARELESS_BOOT): tests/boot/loader/careless.S $(K)/kernel/Image
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) -c $< -o $(@:.img=.o)
	$(Q)$(CROSS)objcopy -O binary $(@:.img=.o) $@ && truncate -s 2M $@ && cat $(K)/kernel/Image >> $@

.PHONY: boot boot-build debug-build
boot-build: $(CARELESS_BOOT) $(B)/test/boot-tests $(TEST_INITRAMFS) $(IMAGE) $(TEST_DISK) $(STOCK_DISK) $(if $(DEBUG),,debug-build)
# The one boot of the debug kernel in every `make test` (tests/boot/debug_kernel_test.cpp), with the modules that it needs. What both kernels
# share is made first.
debug-build: $(TEST_INITRAMFS) $(K)/kernel/Image
	+@$(MAKE) --no-print-directory DEBUG=1 TEST_MODULE_FOLDERS='tests/modules/faults/ tests/modules/needs_crc16/' \
	    kernel $(B)/debug/test/initramfs.cpio.zst

boot: boot-build  ## the boot tests alone
	TENON_BUILD=$(K) $(B)/test/boot-tests --gtest_brief=1 --gtest_filter='$(FILTER)'

# `make soak SECONDS=300`: tests/boot/module_soak_test.cpp on machines of all its kinds, for so many seconds in all.
.PHONY: soak
soak: boot-build  ## load and remove modules at random on machines of several kinds (SECONDS=300)
	TENON_SOAK_SECONDS=$(call seconds,300) \
	    $(B)/test/boot-tests --gtest_brief=1 --gtest_filter='*ModuleSoak*' --gtest_random_seed=$$(( RANDOM * 3 ))

.PHONY: memory-pressure
memory-pressure: boot-build  ## a user takes all memory in every form, three times each, while root works
	TENON_MEMORY_PRESSURE=1 $(B)/test/boot-tests --gtest_brief=1 --gtest_filter='*MemoryPressure*'

.PHONY: random-calls
random-calls: boot-build  ## a user makes random system calls on 4 processors while root works (SECONDS=600)
	TENON_RANDOM_SECONDS=$(call seconds,600) $(B)/test/boot-tests --gtest_brief=1 --gtest_filter='Hostile.RandomSystemCallsOfAUser'

-include $(BOOT_OBJECTS:.o=.d) $(BOOT_PROGRAMS:%=$(B)/user-arm64/tests/boot/programs/%.d)

.PHONY: bench-boot
bench-boot: $(K)/kernel/Image $(INITRAMFS)  ## guest instructions from the kernel's entry to the first user instruction
	@mk/boot-time
