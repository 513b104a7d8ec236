# build/initramfs.cpio.zst, build/tenon.img (what U-Boot boots) and build/test/disk.ext2 (what the main job mounts).

INITRAMFS   := $(K)/initramfs.cpio.zst
IMAGE       := $(K)/tenon.img
TEST_DISK   := $(B)/test/disk.ext2
INSTALLED_TREE := $(K)/tree
DEPMOD      := $(if $(call sources,tools/kmod,cpp),$(B)/tools/host/depmod,depmod)

.PHONY: image
image: $(INITRAMFS) $(IMAGE) $(TEST_DISK)  ## build/initramfs.cpio.zst and build/tenon.img

$(call host_program,cpio)

# The module tree as it is installed, with depmod's indexes.
$(INSTALLED_TREE)/.ready: $(MODULES:=.zst) $(filter $(B)/%,$(DEPMOD)) mk/image.mk
	$(call say,DEPMOD,$(INSTALLED_TREE))
	$(Q)rm -rf $(INSTALLED_TREE) && r=$(INSTALLED_TREE)/lib/modules/$(RELEASE) && mkdir -p $$r/kernel; \
	for module in $(patsubst $(K)/modules/%,%,$(MODULES:=.zst)); do \
	    install -m 644 -D $(K)/modules/$$module $$r/$$module; echo $$module >> $$r/modules.order; done; \
	touch $$r/modules.order $$r/modules.builtin $$r/modules.builtin.modinfo; \
	$(DEPMOD) -b $(INSTALLED_TREE) $(RELEASE)
	@touch $@

define INITRAMFS_EXTRA
file /bin/kmod $(B)/tools/arm64/kmod 755
$(foreach link,$(KMOD_LINKS),link /sbin/$(link) ../bin/kmod
)tree /lib/modules $(INSTALLED_TREE)/lib/modules
endef
export INITRAMFS_EXTRA

$(K)/initramfs.manifest: initramfs/manifest mk/image.mk $(call flags_file,$(CONFIGURATION)initramfs,$(KMOD_LINKS))
	$(Q){ cat $<; echo "$$INITRAMFS_EXTRA"; } > $@

INITRAMFS_INPUTS := $(K)/initramfs.manifest $(INSTALLED_TREE)/.ready $(B)/tools/arm64/kmod \
    $(shell find initramfs -type f)

# The level is chosen for decoding, which is most of what the kernel does until the first program runs: level 19 makes a file of
# half this size that costs more than twice the instructions. `--long` finds what the static programs have in common.
$(INITRAMFS): $(INITRAMFS_INPUTS) $(B)/mk/cpio | $(SYSROOT_READY)
	$(call say,CPIO,$@)
	$(Q)$(B)/mk/cpio < $(K)/initramfs.manifest | zstd -q -f --fast=7 --long=23 -o $@

# A GPT disk with one FAT partition, flagged as U-Boot's standard boot wants it.
# Its names and times are always the same.
PARTITION_KIB := 40960
DISK_ID       := 54656e6f-6e00-4000-8000-000000000000
BOOT_ID       := 54656e6f-6e00-4000-8000-000000000001
export SOURCE_DATE_EPOCH ?= 1767225600

$(IMAGE): $(K)/kernel/Image $(INITRAMFS) mk/extlinux.conf mk/image.mk
	$(call say,IMAGE,$@)
	$(Q)rm -f $@.fat $@.new; \
	mkfs.fat --invariant -C -n TENON $@.fat $(PARTITION_KIB) > /dev/null; \
	mmd -i $@.fat ::/extlinux; \
	mcopy -i $@.fat $(K)/kernel/Image $(INITRAMFS) ::/; \
	mcopy -i $@.fat mk/extlinux.conf ::/extlinux/extlinux.conf; \
	truncate -s $$(( $(PARTITION_KIB) + 2048 ))K $@.new; \
	sgdisk -U $(DISK_ID) -n 1:2048:+$(PARTITION_KIB)K -t 1:0700 -c 1:boot -u 1:$(BOOT_ID) -A 1:set:2 $@.new > /dev/null; \
	dd if=$@.fat of=$@.new bs=1M seek=1 conv=notrunc,sparse status=none; \
	rm $@.fat; mv $@.new $@

# Files of every shape that ext2 lays out differently: empty, one block, through single and double indirect blocks, a
# deep path, many names in one folder, short and long symbolic links.
$(TEST_DISK): mk/test-disk
	$(call say,MKE2FS,$@)
	@mkdir -p $(@D)
	$(Q)mk/test-disk $@
