# `make bench`: the same static program loads the same module sources on Debian's Linux and on Tenon, in one go, counted in guest
# instructions (QEMU -icount: one instruction is one nanosecond of guest time). Results: build/bench/loader.{md,svg}.

BENCH     := $(B)/bench
BENCH_SRC := $(BENCH)/src
LINUX     := $(BENCH)/linux

# name functions calls exports; tN measure memory, lN fill the symbol table.
BENCH_TIMED  := tiny:1:1:0 mid:200:8:20 big:4000:8:500
BENCH_MEMORY := $(foreach n,$(shell seq 0 100),t$(n):1:1:1)
BENCH_FILL   := tinyfull:1:1:0 $(foreach n,$(shell seq 1 500),l$(n):20:1:20)

bench_names   = $(foreach spec,$(1),$(word 1,$(subst :, ,$(spec))))
LINUX_MODULES := $(call bench_names,$(BENCH_TIMED) $(BENCH_MEMORY))

$(call host_program,generate_module,bench/loader)
$(call host_program,bench_report,bench/loader)

$(BENCH_SRC)/.ready: $(B)/mk/generate_module mk/bench.mk
	$(call say,GENERATE,$(BENCH_SRC))
	@mkdir -p $(BENCH_SRC)
	$(Q)for spec in $(BENCH_TIMED) $(BENCH_MEMORY) $(BENCH_FILL); do \
	    $(B)/mk/generate_module $${spec//:/ } > $(BENCH_SRC)/$${spec%%:*}.c; done
	@touch $@

$(BENCH)/measure: bench/loader/measure.cpp | $(SYSROOT_READY)
	$(call say,CXX,'[arm64] $<')
	@mkdir -p $(@D)
	$(Q)$(TARGET_CXX) $(CXX_COMMON) -isystem $(SYSROOT)/usr/include -O2 -static $< $(SYSROOT)/usr/lib/aarch64-linux-gnu/libzstd.a -o $@

BENCH_QEMU := timeout 900 qemu-system-aarch64 -M virt -cpu cortex-a57 -m 1024 -icount shift=0,sleep=off -nographic -no-reboot
BENCH_APPEND := console=ttyAMA0 quiet panic=-1

# Times and memory are measured in boots of their own: what one leaves behind (modules, memory that is freed later) would count in
# the other.
BENCH_TIMES  := time tiny|time mid|time big
BENCH_MEMORY_STEPS := memory t 100

# $(call bench_boot,kernel,folder with .ko files,steps,log): boots once and appends what the program says to the log.
bench_boot = echo '$(3)' | tr '|' '\n' > $(4).plan; \
    { echo 'file /init $(BENCH)/measure 755'; echo 'dir /dev 755'; echo 'node /dev/console 600 c 5 1'; \
      echo 'file /bench/plan $(4).plan 644'; echo 'tree /bench $(2)'; } | $(B)/mk/cpio > $(4).cpio; \
    $(BENCH_QEMU) -kernel $(1) -initrd $(4).cpio -append '$(BENCH_APPEND)' < /dev/null | tr -d '\r' > $(4).boot; \
    grep -q '^bench end measure 0' $(4).boot || { tail -n 40 $(4).boot; exit 1; }; \
    cat $(4).boot >> $(4).new

$(LINUX)/.ready: bench/linux/prepare
	bench/linux/prepare "$$TENON_CACHE" $(LINUX)
	@touch $@

$(LINUX)/modules/.ready: $(LINUX)/.ready $(BENCH_SRC)/.ready
	$(call say,LINUX,'building $(words $(LINUX_MODULES)) modules against its headers')
	$(Q)mkdir -p $(@D)/ko && cp $(foreach m,$(LINUX_MODULES),$(BENCH_SRC)/$(m).c) $(@D)/; \
	echo 'obj-m := $(LINUX_MODULES:=.o)' > $(@D)/Makefile; \
	env -u MAKEFLAGS $(MAKE) -s -j2 -C $(LINUX)/headers ARCH=arm64 CROSS_COMPILE=$(CROSS) CC=$(CROSS)gcc M=$(abspath $(@D)) modules 2> $(@D)/log || \
	    { cat $(@D)/log; exit 1; }; \
	for m in $(LINUX_MODULES); do $(CROSS)strip --strip-debug $(@D)/$$m.ko -o $(@D)/ko/$$m.ko; done
	@touch $@

$(LINUX)/log: $(LINUX)/modules/.ready $(BENCH)/measure $(B)/mk/cpio
	$(call say,QEMU,'Linux under -icount')
	$(Q)rm -f $@.new; $(call bench_boot,$(LINUX)/Image,$(LINUX)/modules/ko,$(BENCH_TIMES),$@); \
	$(call bench_boot,$(LINUX)/Image,$(LINUX)/modules/ko,$(BENCH_MEMORY_STEPS),$@); mv $@.new $@

# The same sources for Tenon, as C++ with C names.
TENON_BENCH   := $(BENCH)/tenon
TENON_MODULES := $(LINUX_MODULES) $(call bench_names,$(BENCH_FILL))
$(TENON_BENCH)/ko/%.ko: MODULE_LIBRARIES :=
$(TENON_BENCH)/ko/%.ko: $(BENCH_SRC)/.ready $(MODULE_SCRIPT) $(B)/mk/modpost $(wildcard bench/tenon/linux/*.h) $(MODULE_FLAGS_FILE)
	@mkdir -p $(@D) $(TENON_BENCH)/objects
	$(Q)object=$(TENON_BENCH)/objects/$*; \
	printf '#include <linux/module.h>\nextern "C" {\n#include "%s"\n}\n' $(BENCH_SRC)/$*.c | \
	    $(TARGET_CXX) $(MODULE_FLAGS) -w -Ibench/tenon -DTENON_MODULE_NAME='"$*"' -x c++ -c - -o $$object.c.o; \
	$(TARGET_LD) $(MODULE_LINK) $$object.c.o -o $$object.o; \
	$(call finish_module,$*,$(TENON_BENCH)/objects/$*.o,$@)
$(TENON_BENCH)/ko/%.ko.zst: $(TENON_BENCH)/ko/%.ko
	$(Q)zstd -q -f -19 $< -o $@

$(TENON_BENCH)/log: $(foreach m,$(TENON_MODULES),$(TENON_BENCH)/ko/$(m).ko) $(addprefix $(TENON_BENCH)/ko/,mid.ko.zst big.ko.zst) \
    $(BENCH)/measure $(B)/mk/cpio $(B)/kernel/Image
	$(call say,QEMU,'Tenon under -icount')
	$(Q)rm -f $@.new; $(call bench_boot,$(B)/kernel/Image,$(TENON_BENCH)/ko,$(BENCH_TIMES)|timezst mid|timezst big|unpack mid|unpack big|load l 500|time tinyfull,$@); \
	$(call bench_boot,$(B)/kernel/Image,$(TENON_BENCH)/ko,$(BENCH_MEMORY_STEPS),$@); mv $@.new $@

.PHONY: bench
bench: bench-boot $(LINUX)/log $(TENON_BENCH)/log $(B)/mk/bench_report  ## load generated modules on Linux and on Tenon, in guest instructions
	$(B)/mk/bench_report $(LINUX)/log $(TENON_BENCH)/log $(BENCH)/loader.md $(BENCH)/loader.svg
