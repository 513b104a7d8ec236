# `make run`, `make test`, and how long they took.

STARTED := $(shell date +%s)
took = echo "make $(1) took $$(( $$(date +%s) - $(STARTED) )) s"

.PHONY: run test
run: $(IMAGE) $(TEST_DISK) $(B)/kernel/Image  ## boot in QEMU through U-Boot, play the main job, then the shell
	@status=0; mk/run $(B) $(TEST_DISK) || status=$$?; $(call took,run); exit $$status

# Every ring is a target that appends `PASSED FAILED` to the tally, whatever happens, and names what failed.
TALLY := $(B)/test/tally
RINGS := unit boot $(EXTRA_RINGS)

test: unit-build boot-build $(EXTRA_RINGS:=-build)  ## all tests; the last lines say how many passed and failed
	@rm -f $(TALLY); for ring in $(RINGS); do $(MAKE) --no-print-directory ring-$$ring || true; done; \
	$(call took,test); awk '{ passed += $$1; failed += $$2 } END { \
	    print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 || passed == 0 }' $(TALLY)

# $(call gtest_ring,ring,program): runs a GoogleTest program and tallies it; a crash counts as one failure.
gtest_ring = mk/gtest-ring $(1) $(2) $(TALLY)
ring-unit:
	@$(call gtest_ring,unit,$(B)/test/unit)
ring-boot:
	@$(call gtest_ring,boot,$(B)/test/boot-tests)
