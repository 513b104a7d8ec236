# `make run`, `make test`, and how long they took.

STARTED := $(shell date +%s)
took = echo "make $(1) took $$(( $$(date +%s) - $(STARTED) )) s"

.PHONY: run test
run: $(IMAGE) $(TEST_DISK) $(K)/kernel/Image  ## boot in QEMU through U-Boot, play the main job, then the shell
	@status=0; mk/run $(K) $(TEST_DISK) || status=$$?; $(call took,run); exit $$status

# Every ring is a target that appends `PASSED FAILED` to the tally, whatever happens, and names what failed.
# The boots are two at a time and alone, so that what they measure is theirs; the others run side by side.
TALLY := $(K)/test/tally

test: boot-build $(if $(DEBUG),,unit-build $(EXTRA_RINGS:=-build))  ## all tests; the last lines say how many passed and failed
	@rm -f $(TALLY); touch $(TALLY); status=0; $(MAKE) --no-print-directory ring-boot || status=1; \
	$(if $(DEBUG),,$(MAKE) --no-print-directory -k -Otarget ring-unit $(EXTRA_RINGS:%=ring-%) || status=1;) \
	$(call took,test); awk -v status=$$status '{ passed += $$1; failed += $$2 } END { \
	    print passed + 0 " passed, " failed + 0 " failed"; exit status != 0 || failed > 0 || passed == 0 }' $(TALLY)

# $(call gtest_ring,ring,program): runs a GoogleTest program and tallies it; a crash counts as one failure.
gtest_ring = mk/gtest-ring $(1) $(2) $(TALLY)
ring-unit:
	@$(call gtest_ring,unit,$(B)/test/unit)
ring-boot:
	@TENON_BUILD=$(K) $(call gtest_ring,boot,$(B)/test/boot-tests) 2

.PHONY: test-debug
test-debug:  ## all boot tests on the debug kernel (`make DEBUG=1 test`)
	@$(MAKE) --no-print-directory DEBUG=1 test

# What takes minutes to hours is not part of `make test`: each is a target of its own.
CAMPAIGNS := lint test-debug test-install core memory-pressure soak random-link differential mutate fuzz fuzz-tools random-tools differential-tools

.PHONY: test-all
test-all:  ## `make test`, then every campaign one after the other (SECONDS=600: each so long); the last line names what failed
	@failed=; for target in test $(CAMPAIGNS); do \
	    echo "== make $$target"; $(MAKE) --no-print-directory $$target || failed="$$failed $$target"; done; \
	$(call took,test-all); [ -z "$$failed" ] && echo 'everything passed' || { echo "failed:$$failed"; exit 1; }
