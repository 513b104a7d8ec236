# make deb: Debian packages of what `make install` installs, for this machine; they come to build/deb.

DEB := $(B)/deb

.PHONY: deb
deb: installed  ## Debian packages in place of kmod, libkmod2 and libkmod-dev
	@rm -rf $(DEB)
	$(Q)$(MAKE) -s install DESTDIR=$(abspath $(DEB)/installed) PREFIX=/usr BINDIR=/bin SBINDIR=/sbin
	$(Q)SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) packaging/debian/build $(DEB)/installed $(DEB)/work $(VERSION) $(DEB)
	$(Q)if command -v lintian > /dev/null; then lintian --allow-root --fail-on error $(DEB)/*.deb; fi
	@ls $(DEB)/*.deb
